package dev.nagare.server.http;

import dev.nagare.streaming.Terms;
import dev.nagare.streaming.Terms.Priority;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The terms of an HTTP call: {@code Nagare-Timeout-Ms} says how long the caller waits, counted from
 * when the request was read, and a closed connection that it waits no more.
 */
final class HttpTerms {
  /** Milliseconds, 1 or more. */
  static final String TIMEOUT = "Nagare-Timeout-Ms";

  private static final long MOST_MILLIS = TimeUnit.DAYS.toMillis(365);

  private HttpTerms() {}

  /**
   * The terms of a call whose answer is still to come.
   *
   * @param beganNanos when the request was read, as {@link System#nanoTime()}
   * @param timeoutNanos the protocol's parameter {@code timeout}; 0 for none. The shorter one
   *     counts
   * @param urgency the protocol's parameter {@code priority}; 0 for none
   * @throws ProtocolException 400 if the header is not a number of milliseconds
   */
  static Terms of(RoutingContext context, long beganNanos, long timeoutNanos, int urgency) {
    long millis = millis(context.request().getHeader(TIMEOUT));
    long nanos = timeoutNanos;
    if (millis > 0) {
      long ofHeader = TimeUnit.MILLISECONDS.toNanos(millis);
      nanos = nanos > 0 ? Math.min(nanos, ofHeader) : ofHeader;
    }
    Terms terms =
        nanos > 0
            ? Terms.until(Priority.INTERACTIVE, urgency, beganNanos + nanos)
            : Terms.of(Priority.INTERACTIVE, urgency);
    // Also called when the connection is closed; after an answer it does nothing.
    context.addEndHandler(ignored -> terms.leave());
    return terms;
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
}
