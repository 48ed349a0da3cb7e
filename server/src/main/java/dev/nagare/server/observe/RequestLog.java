package dev.nagare.server.observe;

import dev.nagare.streaming.protocol.InferenceResponse;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The lines of requests in the log: a part of those that were answered, and every one that failed
 * because of the server. No header, no input and no output is ever in them.
 *
 * <p>Safe for any thread.
 */
public final class RequestLog {
  private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);
  private static final int FAILED = 500;

  private final double part;

  /**
   * Creates a log.
   *
   * @param part of the requests that get a line, from 0 to 1
   */
  public RequestLog(double part) {
    this.part = part;
  }

  boolean writes(int status) {
    return status == FAILED || (part > 0 && ThreadLocalRandom.current().nextDouble() < part);
  }

  void write(
      String model,
      String door,
      int status,
      long nanos,
      @Nullable String id,
      @Nullable InferenceResponse response,
      @Nullable Trace trace) {
    LoggingEventBuilder line =
        LOG.atLevel(status == FAILED ? Level.ERROR : Level.INFO)
            .addKeyValue("door", door)
            .addKeyValue("model", model);
    line = with(line, "version", response == null ? null : response.modelVersion());
    line =
        line.addKeyValue("status", status)
            .addKeyValue("duration_ms", TimeUnit.NANOSECONDS.toMicros(nanos) / 1000.0);
    line = with(line, "request_id", id);
    line = with(line, "prediction_id", response == null ? null : Trace.predictionId(response));
    line = with(line, "trace_id", trace == null ? null : trace.id());
    line.log(status == FAILED ? "Failed" : status < 400 ? "Answered" : "Refused");
  }

  private static LoggingEventBuilder with(
      LoggingEventBuilder line, String key, @Nullable String value) {
    return value == null || value.isEmpty() ? line : line.addKeyValue(key, value);
  }
}
