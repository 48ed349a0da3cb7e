package dev.nagare.server.http;

import dev.nagare.streaming.Terms;
import dev.nagare.streaming.Terms.Priority;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ReservedParameters;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The terms of an HTTP call: {@code Nagare-Timeout-Ms} says how long the caller waits, counted from
 * when the request was read, {@code Nagare-Priority} before whom, and a closed connection that it
 * waits no more.
 */
public final class HttpTerms {
  /** Milliseconds, 1 or more. */
  static final String TIMEOUT = "Nagare-Timeout-Ms";

  /**
   * As the protocol's parameter {@code priority}: 1 before the usual 0, higher numbers after it.
   */
  static final String PRIORITY = "Nagare-Priority";

  private static final long MOST_MILLIS = TimeUnit.DAYS.toMillis(365);

  private HttpTerms() {}

  /**
   * The terms of a call whose answer is still to come.
   *
   * @param beganNanos when the request was read, as {@link System#nanoTime()}
   * @param timeoutNanos the protocol's parameter {@code timeout}; 0 for none. The shorter one
   *     counts
   * @param urgency the protocol's parameter {@code priority}; 0 for none, then the header counts
   * @throws ProtocolException 400 if a header is not such a number
   */
  static Terms of(RoutingContext context, long beganNanos, long timeoutNanos, int urgency) {
    long millis = millis(context.request().getHeader(TIMEOUT));
    long nanos = timeoutNanos;
    if (millis > 0) {
      long ofHeader = TimeUnit.MILLISECONDS.toNanos(millis);
      nanos = nanos > 0 ? Math.min(nanos, ofHeader) : ofHeader;
    }
    int rank = urgency > 0 ? urgency : priority(context.request().getHeader(PRIORITY));
    Terms terms = terms(beganNanos, nanos, rank);
    terms.by(Gate.caller(context).name());
    // Also called when the connection is closed; after an answer it does nothing.
    context.addEndHandler(ignored -> terms.leave());
    return terms;
  }

  /**
   * The terms of a request by its own parameters {@code timeout} and {@code priority}.
   *
   * @param request closed if it is refused
   * @param beganNanos when the request was read, as {@link System#nanoTime()}
   * @throws ProtocolException 400 if a parameter is of the wrong kind
   */
  public static Terms of(InferenceRequest request, long beganNanos) {
    try {
      var reserved = ReservedParameters.of(request.parameters());
      return terms(beganNanos, reserved.timeoutNanos(), reserved.urgency());
    } catch (ProtocolException e) {
      request.close();
      throw e;
    }
  }

  private static Terms terms(long beganNanos, long limitNanos, int urgency) {
    return limitNanos > 0
        ? Terms.until(Priority.INTERACTIVE, urgency, beganNanos + limitNanos)
        : Terms.of(Priority.INTERACTIVE, urgency);
  }

  private static long millis(@Nullable String header) {
    if (header == null) {
      return 0;
    }
    String text = header.strip();
    if (!text.matches("0{0,9}[1-9]\\d{0,17}")) {
      throw new ProtocolException(
          400, TIMEOUT + ": expected milliseconds, a whole number from 1 up, got '" + text + "'");
    }
    return Math.min(Long.parseLong(text), MOST_MILLIS);
  }

  private static int priority(@Nullable String header) {
    if (header == null) {
      return 0;
    }
    String text = header.strip();
    if (!text.matches("\\d{1,9}")) {
      throw new ProtocolException(
          400,
          PRIORITY + ": expected a whole number from 0 up, of nine digits, got '" + text + "'");
    }
    return Integer.parseInt(text);
  }
}
