package dev.nagare.models.online;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * How unusual the recent errors of a forecaster are: the tail probability of their short mean under
 * the normal distribution of the errors before them.
 *
 * <pre>
 * score = 1 - Q((mean of the last shortRows - mean) / deviation)
 * </pre>
 *
 * <p>Mean and deviation are exponential averages of the errors that have left the short window, so
 * that an anomaly does not hide itself. A score is in [0, 1): near 1 is an anomaly; it is 0 until
 * the distribution has seen {@code probation} errors. Not thread-safe. Source: Ahmad, Lavin, Purdy
 * and Agha, "Unsupervised real-time anomaly detection for streaming data" (2017), whose likelihood
 * takes windows where this takes averages.
 */
public final class AnomalyScore {
  private final int probation;
  private final double weight;
  private final double[] recent;
  private long count;
  private double mean;
  private double variance;
  private double deviations;

  /**
   * Begins without errors.
   *
   * @param shortRows errors in the short mean, 1 or more
   * @param memory errors in the distribution, 2 or more: plain averages up to there, exponential
   *     ones after
   * @param probation errors before the first score
   */
  public AnomalyScore(int shortRows, int memory, int probation) {
    if (shortRows < 1 || memory < 2 || probation < 0) {
      throw new IllegalArgumentException(
          "anomaly score: expected shortRows >= 1, memory >= 2 and probation >= 0, got "
              + shortRows
              + ", "
              + memory
              + " and "
              + probation);
    }
    this.probation = probation;
    this.weight = 1.0 / memory;
    this.recent = new double[shortRows];
  }

  /**
   * Takes in an error and gives the score of this row.
   *
   * @param error 0 or more, finite
   */
  public double add(double error) {
    int slot = (int) (count % recent.length);
    if (count >= recent.length) {
      learn(recent[slot], count - recent.length);
    }
    recent[slot] = error;
    count++;
    double sum = 0;
    for (double value : recent) {
      sum += value;
    }
    boolean known = count > Math.max(probation, 2L * recent.length) && variance > 0;
    deviations = known ? (sum / recent.length - mean) / Math.sqrt(variance / recent.length) : 0;
    return known ? 1 - upperTail(deviations) : 0;
  }

  /** How many standard deviations the last short mean was above the mean; 0 before the first. */
  public double deviations() {
    return deviations;
  }

  private void learn(double error, long before) {
    double share = Math.max(1.0 / (before + 1), weight);
    double difference = error - mean;
    mean += share * difference;
    variance = (1 - share) * (variance + share * difference * difference);
  }

  /**
   * Probability that a standard normal variable is above {@code z}; relative error below 1.2e-7 up
   * to where it is 0. Source: Press and others, "Numerical Recipes" (1992), erfc.
   */
  static double upperTail(double z) {
    double x = Math.abs(z) / Math.sqrt(2);
    double t = 1 / (1 + 0.5 * x);
    double[] c = {
      -1.26551223,
      1.00002368,
      0.37409196,
      0.09678418,
      -0.18628806,
      0.27886807,
      -1.13520398,
      1.48851587,
      -0.82215223,
      0.17087277
    };
    double polynomial = 0;
    for (int i = c.length - 1; i >= 0; i--) {
      polynomial = polynomial * t + c[i];
    }
    double tail = 0.5 * t * StrictMath.exp(-x * x + polynomial);
    return z >= 0 ? tail : 1 - tail;
  }

  /** Writes everything that the next score depends on. */
  public void save(DataOutput out) throws IOException {
    out.writeLong(count);
    out.writeDouble(mean);
    out.writeDouble(variance);
    out.writeDouble(deviations);
    for (double value : recent) {
      out.writeDouble(value);
    }
  }

  /** Reads what {@link #save} wrote for the same settings. */
  public void load(DataInput in) throws IOException {
    count = in.readLong();
    mean = in.readDouble();
    variance = in.readDouble();
    deviations = in.readDouble();
    for (int i = 0; i < recent.length; i++) {
      recent[i] = in.readDouble();
    }
  }
}
