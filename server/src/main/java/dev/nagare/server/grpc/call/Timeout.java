package dev.nagare.server.grpc.call;

import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header {@code grpc-timeout}. Read by us: the library rounds down to milliseconds and takes
 * what is below one, and what it cannot read, for no limit.
 */
final class Timeout {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,8})([HMSmun])");

  private Timeout() {}

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
