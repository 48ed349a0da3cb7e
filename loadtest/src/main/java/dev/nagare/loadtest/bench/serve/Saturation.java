package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.serve.wire.Generator;
import dev.nagare.loadtest.bench.serve.wire.Tally;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/**
 * What a server can do at most.
 *
 * @param rate answers per second
 * @param busy fraction of its core's time that the server had
 */
record Saturation(double rate, double busy) {
  private static final Duration WINDOW = Duration.ofSeconds(3);
  private static final int FEWEST_WINDOWS = 4;
  private static final int MOST_WINDOWS = 30;
  private static final int STEADY_WINDOWS = 3;
  private static final double STEADY = 1.03;

  /** Below this the server waited for the load, and the figure is the generator's. */
  private static final double LEAST_BUSY = 0.95;

  /**
   * Keeps calls under way until the server gets no faster: its JVM compiles on the one core that it
   * has, which takes long, and meanwhile it may turn calls away.
   *
   * @param calls under way
   * @return the best window of three seconds in which every call was answered as it should
   * @throws IOException if there was none
   */
  static Saturation warm(Generator load, Subject subject, int calls) throws IOException {
    Saturation best = null;
    IOException failure = null;
    int steady = 0;
    for (int window = 0; window < MOST_WINDOWS; window++) {
      try {
        Saturation now = of(load, subject, calls, WINDOW);
        steady = best == null || now.rate > STEADY * best.rate ? 0 : steady + 1;
        best = best == null ? now : best.or(now);
      } catch (IOException e) {
        steady = 0;
        failure = e;
      }
      if (window >= FEWEST_WINDOWS && steady >= STEADY_WINDOWS) {
        break;
      }
    }
    if (best == null) {
      throw failure == null ? new IOException("no window was measured") : failure;
    }
    return best;
  }

  /**
   * Keeps calls under way for a time.
   *
   * @throws IOException if one is not answered as it should
   */
  static Saturation of(Generator load, Subject subject, int calls, Duration length)
      throws IOException {
    double before = subject.cpuSeconds();
    long began = System.nanoTime();
    Tally tally = load.closed(calls, length);
    double wall = (System.nanoTime() - began) / 1e9;
    double used = subject.cpuSeconds() - before;
    if (tally.failed() > 0) {
      throw new IOException("at saturation: " + tally.counts());
    }
    return new Saturation(tally.rate(), used / wall);
  }

  /** The better of two: the server's own limit before the load's, then the higher rate. */
  Saturation or(Saturation other) {
    if (counts() != other.counts()) {
      return counts() ? this : other;
    }
    return other.rate > rate ? other : this;
  }

  /** Whether it is the server's. */
  boolean counts() {
    return busy >= LEAST_BUSY;
  }

  /** Rate and share of the core. */
  String words() {
    return String.format(Locale.ROOT, "%,.0f/s with %.0f %% of the core", rate, 100 * busy);
  }

  /** Why a row is void. */
  String voidBecause(String whose) {
    return String.format(
        Locale.ROOT,
        "void: %s had %.0f %% of its core at %,.0f answers/s, expected %.0f %%",
        whose,
        100 * busy,
        rate,
        100 * LEAST_BUSY);
  }
}
