package dev.nagare.server.observe;

import dev.nagare.server.metrics.Metrics;
import dev.nagare.streaming.protocol.InferenceResponse;
import org.jspecify.annotations.Nullable;

/**
 * Told of requests by the doors. Without lines and traces, as it usually is, that makes nothing.
 *
 * <p>Safe for any thread.
 *
 * @param metrics counts all of them
 * @param log writes some of them down
 * @param tracing follows some of them
 */
public record Requests(Metrics metrics, RequestLog log, Tracing tracing) {

  /**
   * A request has its answer.
   *
   * @param door {@code http}, {@code websocket}, {@code grpc}
   * @param status as HTTP has it
   * @param beganNanos when its last byte was in, as {@link System#nanoTime()} read
   * @param id of the caller; null for none
   * @param response what was answered; null for a refusal
   * @param trace of the request; null for none
   */
  public void answered(
      String model,
      String door,
      int status,
      long beganNanos,
      @Nullable String id,
      @Nullable InferenceResponse response,
      @Nullable Trace trace) {
    long nanos = System.nanoTime() - beganNanos;
    metrics.answered(model, door, status, nanos, trace == null ? null : trace.keptId());
    if (log.writes(status)) {
      log.write(model, door, status, nanos, id, response, trace);
    }
    ended(status, response, trace);
  }

  /**
   * A call that asked for something else than a prediction has its answer.
   *
   * @param status as HTTP has it
   * @param response of a model; null for a refusal and for other answers
   * @param trace of the call; null for none
   */
  public void ended(int status, @Nullable InferenceResponse response, @Nullable Trace trace) {
    if (trace != null) {
      trace.answered(status, response);
    }
  }
}
