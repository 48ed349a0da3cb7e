package dev.nagare.server.grpc.call;

import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header {@code grpc-timeout}, and whether it was the end of a call. Read by us: the library
 * rounds down to milliseconds and takes what is below one, and what it cannot read, for no limit.
 */
final class Timeout {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,8})([HMSmun])");

  /** How far the clocks of both sides may be apart, with all that a message waits for. */
  private static final long CLOCKS_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private Timeout() {}

  /**
   * Whether a caller who ends a call does so because its time is over. A client ends a call at its
   * deadline by its own clock, often before we do, and with the very frame of a caller who does not
   * want the answer any more: only the time tells one from the other. So the last ten milliseconds
   * count as the end; of a shorter time the last half, or nobody could ever leave such a call.
   *
   * @param givenNanos that the caller said it waits
   * @param leftNanos of it; below zero once it has passed
   */
  static boolean isOver(long givenNanos, long leftNanos) {
    return leftNanos < Math.min(CLOCKS_NANOS, givenNanos / 2);
  }

  /**
   * How long the caller waits, in nanoseconds.
   *
   * @throws ProtocolException status 400 if it is no timeout
   */
  static long nanos(String header) {
    Matcher matcher = FORM.matcher(header);
    if (!matcher.matches()) {
      throw new ProtocolException(
          400,
          "grpc-timeout: expected one to eight digits and one of H M S m u n, got '"
              + header
              + "'");
    }
    long value = Long.parseLong(matcher.group(1));
    TimeUnit unit =
        switch (matcher.group(2)) {
          case "H" -> TimeUnit.HOURS;
          case "M" -> TimeUnit.MINUTES;
          case "S" -> TimeUnit.SECONDS;
          case "m" -> TimeUnit.MILLISECONDS;
          case "u" -> TimeUnit.MICROSECONDS;
          default -> TimeUnit.NANOSECONDS;
        };
    return unit.toNanos(value);
  }
}
