package dev.nagare.server.grpc;

import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.wire.InferParameter;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * On what terms a message asks: until the deadline of its call, or for as long as its parameter
 * {@code timeout} says (microseconds), whichever is sooner; with the urgency of its parameter
 * {@code priority}.
 */
final class GrpcTerms {
  /** Beyond it there is no limit: thirty years. */
  private static final long LONGEST_MICROS = TimeUnit.DAYS.toMicros(10_000);

  private GrpcTerms() {}

  /**
   * The terms.
   *
   * @param parameters of the message
   * @param began when the message was in, as {@link System#nanoTime()} read
   * @throws ProtocolException status 400 if a parameter is no whole number
   */
  static Terms of(Call call, Map<String, InferParameter> parameters, long began) {
    int urgency = (int) Math.min(Integer.MAX_VALUE, whole(parameters, "priority"));
    long micros = whole(parameters, "timeout");
    boolean limited = micros > 0 && micros < LONGEST_MICROS;
    long deadline = began + (limited ? TimeUnit.MICROSECONDS.toNanos(micros) : 0);
    if (call.limited() && (!limited || call.deadlineNanos() - deadline < 0)) {
      limited = true;
      deadline = call.deadlineNanos();
    }
    return limited
        ? Terms.until(Terms.Priority.INTERACTIVE, urgency, deadline)
        : Terms.of(Terms.Priority.INTERACTIVE, urgency);
  }

  private static long whole(Map<String, InferParameter> parameters, String key) {
    @Nullable InferParameter value = parameters.get(key);
    if (value == null) {
      return 0;
    }
    long number =
        switch (value.getParameterChoiceCase()) {
          case INT64_PARAM -> value.getInt64Param();
          // What is beyond 63 bits is for ever, and after everybody, anyway.
          case UINT64_PARAM -> value.getUint64Param() < 0 ? Long.MAX_VALUE : value.getUint64Param();
          default -> -1;
        };
    if (number < 0) {
      throw new ProtocolException(400, "parameter " + key + ": expected a whole number from 0 up");
    }
    return number;
  }
}
