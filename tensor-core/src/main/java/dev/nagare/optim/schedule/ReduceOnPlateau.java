package dev.nagare.optim.schedule;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Lowers the rate when a metric has stopped getting better: after more than {@code patience}
 * observations in a row without a new best, {@code rate = max(rate · factor, minimum)}.
 *
 * <p>No function of the step and so no {@link LearningRate}: the rate depends on what was observed.
 * {@link #save} and {@link #load} keep its state exactly. A metric that is not a number is no new
 * best. Not thread-safe. Source: {@code torch.optim.lr_scheduler.ReduceLROnPlateau}.
 */
public final class ReduceOnPlateau {
  /** A fall by less is none, as in PyTorch. */
  private static final double LEAST_FALL = 1e-8;

  private final Options options;
  private double rate;
  private double best;
  private long bad;
  private long cooling;

  /** Which metric is better. */
  public enum Mode {
    /** Less is better: a loss. */
    MIN,
    /** More is better: an accuracy. */
    MAX
  }

  /** What the threshold is compared with. */
  public enum Threshold {
    /** A new best differs by more than this fraction of the best. */
    RELATIVE,
    /** A new best differs by more than this. */
    ABSOLUTE
  }

  /**
   * When the rate falls, and by how much.
   *
   * @param mode which metric is better
   * @param factor of each fall, in (0, 1)
   * @param patience observations without a new best that are let pass, 0 or more
   * @param threshold by how much a new best must be better, 0 or more
   * @param thresholdMode what the threshold is compared with
   * @param cooldown observations after a fall that do not count, 0 or more
   * @param minimum the least rate, 0 or more
   */
  public record Options(
      Mode mode,
      double factor,
      long patience,
      double threshold,
      Threshold thresholdMode,
      long cooldown,
      double minimum) {

    /** PyTorch's. */
    public static final Options DEFAULT =
        new Options(Mode.MIN, 0.1, 10, 1e-4, Threshold.RELATIVE, 0, 0);

    public Options {
      if (!(factor > 0 && factor < 1 && threshold >= 0 && minimum >= 0)
          || patience < 0
          || cooldown < 0) {
        throw new IllegalArgumentException(
            "reduce on plateau: expected a factor in (0, 1), and patience, threshold, cooldown and"
                + " minimum of 0 or more, got "
                + factor
                + ", "
                + patience
                + ", "
                + threshold
                + ", "
                + cooldown
                + ", "
                + minimum);
      }
    }
  }

  /** Creates the schedule with a rate to begin with. */
  public ReduceOnPlateau(double first, Options options) {
    this.options = options;
    this.rate = first;
    this.best = options.mode == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  /** The rate of the next step. */
  public double rate() {
    return rate;
  }

  /** Takes an observation of the metric and returns the rate that follows from it. */
  public double step(double metric) {
    if (isBetter(metric)) {
      best = metric;
      bad = 0;
    } else {
      bad++;
    }
    if (cooling > 0) {
      cooling--;
      bad = 0;
    }
    if (bad > options.patience) {
      double lower = Math.max(rate * options.factor, options.minimum);
      if (rate - lower > LEAST_FALL) {
        rate = lower;
      }
      cooling = options.cooldown;
      bad = 0;
    }
    return rate;
  }

  private boolean isBetter(double metric) {
    boolean relative = options.thresholdMode == Threshold.RELATIVE;
    return switch (options.mode) {
      case MIN -> metric < (relative ? best * (1 - options.threshold) : best - options.threshold);
      case MAX -> metric > (relative ? best * (1 + options.threshold) : best + options.threshold);
    };
  }

  /** Writes rate, best metric and counts. */
  public void save(DataOutput out) throws IOException {
    out.writeDouble(rate);
    out.writeDouble(best);
    out.writeLong(bad);
    out.writeLong(cooling);
  }

  /** Reads what {@link #save} wrote; the options are the caller's to keep. */
  public void load(DataInput in) throws IOException {
    rate = in.readDouble();
    best = in.readDouble();
    bad = in.readLong();
    cooling = in.readLong();
  }
}
