package dev.nagare.server.observe;

import dev.nagare.streaming.Journey;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The spans of one request: that of the server, and below it {@code queue}, where it waited for a
 * lane, and {@code batch}, which it shared with others, with {@code compute} inside.
 *
 * <p>Told by the door and by a lane, the lane first. The end counts once.
 */
public final class Trace implements Journey {
  private static final AttributeKey<String> VERSION =
      AttributeKey.stringKey("nagare.model.version");
  private static final AttributeKey<String> REQUEST = AttributeKey.stringKey("nagare.request.id");
  private static final AttributeKey<String> PREDICTION =
      AttributeKey.stringKey("nagare.prediction.id");
  private static final AttributeKey<Long> QUESTIONS =
      AttributeKey.longKey("nagare.batch.questions");
  private static final AttributeKey<Long> ROWS = AttributeKey.longKey("nagare.batch.rows");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

  private final Tracer tracer;
  private final Span span;
  private final Clock clock;
  private final @Nullable AttributeKey<Long> code;
  private final IntToLongFunction codes;

  /**
   * Wall-clock times of readings of {@link System#nanoTime()}.
   *
   * @param epoch nanoseconds since 1970 at the reading
   * @param nanos the reading
   */
  record Clock(long epoch, long nanos) {
    static Clock now() {
      Instant now = Instant.now();
      long epoch = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
      return new Clock(epoch, System.nanoTime());
    }

    long epochOf(long reading) {
      return epoch + (reading - nanos);
    }
  }

  /**
   * Follows a request whose span has begun.
   *
   * @param code what the status is called; null for none
   * @param codes the status there, by the one of HTTP
   */
  Trace(
      Tracer tracer,
      Span span,
      Clock clock,
      @Nullable AttributeKey<Long> code,
      IntToLongFunction codes) {
    this.tracer = tracer;
    this.span = span;
    this.clock = clock;
    this.code = code;
    this.codes = codes;
  }

  /** The trace's id, 32 hexadecimal digits. */
  public String id() {
    return span.getSpanContext().getTraceId();
  }

  /** The same if the trace is sampled, so that it can be looked up; null if it is not. */
  @Nullable String keptId() {
    return span.getSpanContext().isSampled() ? id() : null;
  }

  static @Nullable String predictionId(InferenceResponse response) {
    Object id = response.parameters().get("prediction_id");
    return id == null ? null : id.toString();
  }

  @Override
  public void computed(Stations at) {
    Context request = Context.root().with(span);
    child("queue", request, at.queued()).end(at(at.taken()), TimeUnit.NANOSECONDS);
    Span batch =
        child("batch", request, at.taken())
            .setAttribute(QUESTIONS, (long) at.questions())
            .setAttribute(ROWS, (long) at.rows());
    child("compute", Context.root().with(batch), at.began())
        .end(at(at.ended()), TimeUnit.NANOSECONDS);
    batch.end(at(System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  private Span child(String name, Context parent, long began) {
    return tracer
        .spanBuilder(name)
        .setParent(parent)
        .setStartTimestamp(at(began), TimeUnit.NANOSECONDS)
        .startSpan();
  }

  private long at(long reading) {
    return clock.epochOf(reading);
  }

  @Override
  public void ended(@Nullable InferenceResponse response, @Nullable Throwable failure) {
    if (failure == null) {
      end(response);
      return;
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    String type =
        cause instanceof ProtocolException refusal
            ? Integer.toString(refusal.status())
            : failure.getClass().getName();
    span.setStatus(StatusCode.ERROR).setAttribute(ERROR, type);
    end(response);
  }

  /** Has been answered or refused. What is the caller's fault is no error of the server. */
  void answered(int status, @Nullable InferenceResponse response) {
    if (code != null) {
      span.setAttribute(code, codes.applyAsLong(status));
    }
    if (status >= 500) {
      span.setStatus(StatusCode.ERROR).setAttribute(ERROR, Integer.toString(status));
    }
    end(response);
  }

  private void end(@Nullable InferenceResponse response) {
    if (response != null) {
      span.setAttribute(VERSION, response.modelVersion());
      if (response.id() != null) {
        span.setAttribute(REQUEST, response.id());
      }
      String prediction = predictionId(response);
      if (prediction != null) {
        span.setAttribute(PREDICTION, prediction);
      }
    }
    span.end(at(System.nanoTime()), TimeUnit.NANOSECONDS);
  }
}
