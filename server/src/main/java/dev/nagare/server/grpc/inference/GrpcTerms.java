package dev.nagare.server.grpc.inference;

import dev.nagare.server.grpc.call.Call;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ReservedParameters;
import java.util.Map;

/**
 * On what terms a message asks: until the deadline of its call, or for as long as its parameter
 * {@code timeout} says (microseconds), whichever is sooner; with the urgency of its parameter
 * {@code priority}. What else is reserved is as over HTTP.
 */
final class GrpcTerms {
  private GrpcTerms() {}

  /**
   * The terms.
   *
   * @param parameters of the message
   * @param began when the message was in, as {@link System#nanoTime()} read
   * @throws ProtocolException status 400 if a parameter is of the wrong kind, 501 if one asks for
   *     what is not offered
   */
  static Terms of(Call call, Map<String, Object> parameters, long began) {
    var reserved = ReservedParameters.of(parameters);
    long nanos = reserved.timeoutNanos();
    boolean limited = nanos > 0;
    long deadline = began + nanos;
    if (call.limited() && (!limited || call.deadlineNanos() - deadline < 0)) {
      limited = true;
      deadline = call.deadlineNanos();
    }
    Terms terms =
        limited
            ? Terms.until(Terms.Priority.INTERACTIVE, reserved.urgency(), deadline)
            : Terms.of(Terms.Priority.INTERACTIVE, reserved.urgency());
    return terms.by(call.caller().name());
  }
}
