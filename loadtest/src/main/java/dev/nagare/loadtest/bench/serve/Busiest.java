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
  private static final int REPEATS = 3;
  private static final Duration IDLE = Duration.ofMillis(100);

  /**
   * Looks for it.
   *
   * @param most answers per second when there is always something to do
   * @param lag of the load; a void block is repeated, up to so many times
   * @return answers per second; 0 if even two fifths of the most are too many
   */
  double rate(Generator load, double most, Lag lag) throws IOException, InterruptedException {
    double holds = 0;
    double low = LOW * most;
    double high = HIGH * most;
    for (int step = 0; step < steps; step++) {
      double rate = (low + high) / 2;
      Tally tally = block(load, rate);
      for (int again = 0; again < REPEATS && !lag.allows(tally); again++) {
        tally = block(load, rate);
      }
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

  private Tally block(Generator load, double rate) throws IOException, InterruptedException {
    Idle.spend(IDLE);
    return load.open(rate, block, null);
  }
}
