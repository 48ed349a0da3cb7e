package dev.nagare.loadtest.bench;

import java.util.Arrays;

/**
 * Measured values and what is printed of them: order statistics only, since times have no normal
 * distribution.
 */
public final class Samples {
  private static final double TAIL = 0.025;

  private final double[] sorted;

  /** Of one value or more, in any order. */
  public Samples(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("samples: expected at least one, got none");
    }
    sorted = values.clone();
    Arrays.sort(sorted);
  }

  /** The value in the middle. */
  public double median() {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** The smallest value that is not exceeded by this fraction of the values. */
  public double quantile(double fraction) {
    int rank = (int) Math.ceil(fraction * sorted.length);
    return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
  }

  /** Lower end of the 95 % interval of the median. */
  public double low() {
    return sorted[rank()];
  }

  /** Upper end of the 95 % interval of the median. */
  public double high() {
    return sorted[sorted.length - 1 - rank()];
  }

  /**
   * How many values may be left out at each end: the largest r for which fewer than r of n fair
   * coins show heads with probability 2.5 % at most (sign test). It assumes no distribution, and
   * the same samples give the same interval.
   */
  private int rank() {
    int n = sorted.length;
    double probability = StrictMath.pow(0.5, n);
    double below = 0;
    for (int r = 0; r < n; r++) {
      below += probability;
      if (below > TAIL) {
        return Math.max(0, r - 1);
      }
      probability *= (double) (n - r) / (r + 1);
    }
    return 0;
  }
}
