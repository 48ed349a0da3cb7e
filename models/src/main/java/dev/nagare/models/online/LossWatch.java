package dev.nagare.models.online;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Running mean and deviation of the loss, and whether a loss is far above: a spike.
 *
 * <p>Plain averages for {@link #MEMORY} steps, then exponential ones. A spike counts as the limit
 * it passed, so that a lasting change of the loss is accepted after some steps, and one that is
 * absurd does not hide the next.
 */
final class LossWatch {
  /** Steps before anything is called a spike: an average of few says little. */
  static final int LEAST_STEPS = 100;

  private static final double MEMORY = 1000;

  private final double deviations;
  private long steps;
  private double mean;
  private double variance;

  /**
   * Begins to watch.
   *
   * @param deviations above the mean that make a spike; 0 for none
   */
  LossWatch(double deviations) {
    this.deviations = deviations;
  }

  /** Takes in a finite loss; true if it is a spike. */
  boolean isSpike(double loss) {
    double counted = loss;
    boolean spike = false;
    if (deviations > 0 && steps >= LEAST_STEPS && variance > 0) {
      double limit = mean + deviations * Math.sqrt(variance);
      spike = loss > limit;
      counted = Math.min(loss, limit);
    }
    steps++;
    double weight = Math.max(1.0 / steps, 1 / MEMORY);
    double difference = counted - mean;
    mean += weight * difference;
    variance = (1 - weight) * (variance + weight * difference * difference);
    return spike;
  }

  void save(DataOutput out) throws IOException {
    out.writeLong(steps);
    out.writeDouble(mean);
    out.writeDouble(variance);
  }

  void load(DataInput in) throws IOException {
    steps = in.readLong();
    mean = in.readDouble();
    variance = in.readDouble();
  }
}
