package dev.nagare.models.online;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/**
 * Scores of predictions made before the truth was known ("test, then train"), windowed and fading,
 * beside the baselines that a model must beat.
 *
 * <p>Fading means follow Gama, Sebastião and Rodrigues, "On evaluating stream learning algorithms"
 * (2013). Not thread-safe.
 */
public final class PrequentialScores {
  private static final double FADING = 0.999;

  private final Measure measure;
  private final List<String> names;
  private final int baseline;
  private final int capacity;
  private final double[][] ring;
  private final double[] fadingSums;
  private double fadingWeight;
  private long count;

  /** What is averaged. */
  public enum Measure {
    /** Absolute errors in units of each feature's running scale, over all features. */
    MAE,
    /** 1 for a right class, 0 for a wrong one. */
    ACCURACY
  }

  /**
   * Creates empty scores.
   *
   * @param names of the columns: the model first, then the baselines
   * @param baseline column of the baseline that a fresh model equals: no change
   * @param capacity number of rows in the windowed mean, at least 1
   */
  public PrequentialScores(Measure measure, List<String> names, int baseline, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("scores: window must be at least 1, got " + capacity);
    }
    this.measure = measure;
    this.names = List.copyOf(names);
    this.baseline = baseline;
    this.capacity = capacity;
    this.ring = new double[capacity][names.size()];
    this.fadingSums = new double[names.size()];
  }

  /** What is averaged. */
  public Measure measure() {
    return measure;
  }

  /** Names of the columns, the model's first. */
  public List<String> names() {
    return names;
  }

  /** Adds one row's scores, one per entry of {@link #names()}. */
  public void add(double[] scores) {
    double[] slot = ring[(int) (count % capacity)];
    fadingWeight = fadingWeight * FADING + 1;
    for (int i = 0; i < fadingSums.length; i++) {
      slot[i] = scores[i];
      fadingSums[i] = fadingSums[i] * FADING + scores[i];
    }
    count++;
  }

  /** Number of rows scored. */
  public long count() {
    return count;
  }

  /** Mean over the last rows of the window; 0 before the first row. */
  public double windowed(int column) {
    // Summed afresh in ring order: a running sum would depend on what has long left the window.
    int filled = (int) Math.min(count, capacity);
    double sum = 0;
    for (int r = 0; r < filled; r++) {
      sum += ring[r][column];
    }
    return filled == 0 ? 0 : sum / filled;
  }

  /** Fading mean (factor 0.999 per row); 0 before the first row. */
  public double fading(int column) {
    return count == 0 ? 0 : fadingSums[column] / fadingWeight;
  }

  /**
   * How much of the no-change baseline's windowed error the model avoids: 1 for a perfect one, 0
   * for one that is no better, negative for a worse one. Of a classifier this is kappa-temporal,
   * {@code (accuracy - noChange) / (1 - noChange)}, of a forecaster {@code 1 - mae / noChange}; 0
   * where the baseline makes no error.
   */
  public double windowedSkill() {
    return skill(windowed(0), windowed(baseline));
  }

  /** The same of the fading means. */
  public double fadingSkill() {
    return skill(fading(0), fading(baseline));
  }

  private double skill(double model, double noChange) {
    double error = measure == Measure.ACCURACY ? 1 - model : model;
    double most = measure == Measure.ACCURACY ? 1 - noChange : noChange;
    return count == 0 || most <= 0 ? 0 : 1 - error / most;
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(capacity);
    out.writeLong(count);
    out.writeDouble(fadingWeight);
    for (double sum : fadingSums) {
      out.writeDouble(sum);
    }
    for (double[] slot : ring) {
      for (double score : slot) {
        out.writeDouble(score);
      }
    }
  }

  void load(DataInput in) throws IOException {
    if (in.readInt() != capacity) {
      throw new IOException("scores: expected a window of " + capacity + " rows, found another");
    }
    count = in.readLong();
    fadingWeight = in.readDouble();
    for (int i = 0; i < fadingSums.length; i++) {
      fadingSums[i] = in.readDouble();
    }
    for (double[] slot : ring) {
      for (int i = 0; i < slot.length; i++) {
        slot[i] = in.readDouble();
      }
    }
  }
}
