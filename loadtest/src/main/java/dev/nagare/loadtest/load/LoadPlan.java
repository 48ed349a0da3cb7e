package dev.nagare.loadtest.load;

import java.time.Duration;

/**
 * How much load, for how long.
 *
 * @param rate requests per second, more than 0
 * @param warmUp of the same load before, over the same connections, which is not counted: what
 *     connecting and cold compilers cost, here and there, is another figure
 * @param duration in which all requests that count are due, more than 0
 * @param connections that carry requests at the same time, 1 or more
 * @param timeout after which a request counts as failed
 */
public record LoadPlan(
    double rate, Duration warmUp, Duration duration, int connections, Duration timeout) {

  public LoadPlan {
    require(rate > 0 && rate <= 1e6, "rate: expected more than 0 and at most 1000000 per second");
    require(!warmUp.isNegative(), "warm-up: expected 0 seconds or more");
    require(duration.isPositive(), "duration: expected more than 0 seconds");
    require(connections >= 1 && connections <= 10_000, "connections: expected 1 to 10000");
    require(timeout.isPositive(), "timeout: expected more than 0 seconds");
  }

  /** A plan without warm-up. */
  public LoadPlan(double rate, Duration duration, int connections, Duration timeout) {
    this(rate, Duration.ZERO, duration, connections, timeout);
  }

  /** Requests that count, at least one. */
  public long requests() {
    return Math.max(1, Math.round(rate * (duration.toNanos() / 1e9)));
  }

  /** Requests before those that count. */
  public long warmUpRequests() {
    return Math.round(rate * (warmUp.toNanos() / 1e9));
  }

  /** When a request is due, in nanoseconds after the start. */
  long dueNanos(long request) {
    return (long) (request * 1e9 / rate);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
