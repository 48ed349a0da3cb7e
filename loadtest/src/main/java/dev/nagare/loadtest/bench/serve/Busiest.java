package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.Idle;
import dev.nagare.loadtest.bench.serve.wire.Generator;
import dev.nagare.loadtest.bench.serve.wire.Tally;
import java.io.IOException;
import java.time.Duration;

/**
 * The highest rate at which nearly all answers come in time, found by halving what is left of a
 * range.
 *
 * @param p99Seconds what the p99 may be at most
 * @param block of load at each rate
 * @param steps of halving
 */
record Busiest(double p99Seconds, Duration block, int steps) {
  private static final double LOW = 0.4;
  private static final double HIGH = 1.05;
  private static final double ANSWERED = 0.999;
  private static final Duration IDLE = Duration.ofMillis(100);

  /**
   * Looks for it.
   *
   * @param most answers per second when there is always something to do
   * @return answers per second; 0 if even two fifths of the most are too many
   */
  double rate(Generator load, double most) throws IOException, InterruptedException {
    double holds = 0;
    double low = LOW * most;
    double high = HIGH * most;
    for (int step = 0; step < steps; step++) {
      double rate = (low + high) / 2;
      Idle.spend(IDLE);
      Tally tally = load.open(rate, block, null);
      boolean inTime =
          tally.latency(0.99) <= p99Seconds && tally.answered() >= ANSWERED * tally.due();
      if (inTime) {
        holds = rate;
        low = rate;
      } else {
        high = rate;
      }
    }
    return holds;
  }
}
