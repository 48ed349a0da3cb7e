package dev.nagare.models.online;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Mean absolute errors of forecasts made before the truth was known ("test, then train"), windowed
 * and fading, beside the baselines that a forecaster must beat: repeat-last and exponential
 * averages.
 *
 * <p>Errors are in units of each feature's running scale, averaged over the features, so that
 * features of unlike units can be added. Fading means follow Gama, Sebastião and Rodrigues, "On
 * evaluating stream learning algorithms" (2013). Not thread-safe.
 */
public final class PrequentialScores {

  /** Smoothing factors of the exponential averages. */
  public static final List<Float> ALPHAS = List.of(0.1f, 0.3f, 0.5f);

  /** Names of the columns, in the order of {@link #windowed} and {@link #fading}. */
  public static final List<String> NAMES =
      List.of("model", "repeat-last", "ema-0.1", "ema-0.3", "ema-0.5");

  private static final double FADING = 0.999;

  private final int capacity;
  private final double[][] ring;
  private final double[] sums = new double[NAMES.size()];
  private final double[] fadingSums = new double[NAMES.size()];
  private double fadingWeight;
  private long count;

  /**
   * Creates empty scores.
   *
   * @param capacity number of rows in the windowed mean, at least 1
   */
  public PrequentialScores(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("scores: window must be at least 1, got " + capacity);
    }
    this.capacity = capacity;
    this.ring = new double[capacity][NAMES.size()];
  }

  /** Adds one row's errors, one per entry of {@link #NAMES}. */
  public void add(double[] errors) {
    double[] slot = ring[(int) (count % capacity)];
    fadingWeight = fadingWeight * FADING + 1;
    for (int i = 0; i < sums.length; i++) {
      slot[i] = errors[i];
      fadingSums[i] = fadingSums[i] * FADING + errors[i];
    }
    count++;
    // Summed afresh in ring order: a running sum would depend on what has long left the window.
    int filled = (int) Math.min(count, capacity);
    Arrays.fill(sums, 0);
    for (int r = 0; r < filled; r++) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += ring[r][i];
      }
    }
  }

  /** Number of rows scored. */
  public long count() {
    return count;
  }

  /** Mean over the last rows of the window; 0 before the first row. */
  public double windowed(int column) {
    return count == 0 ? 0 : sums[column] / Math.min(count, capacity);
  }

  /** Fading mean (factor 0.999 per row); 0 before the first row. */
  public double fading(int column) {
    return count == 0 ? 0 : fadingSums[column] / fadingWeight;
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(capacity);
    out.writeLong(count);
    out.writeDouble(fadingWeight);
    for (double sum : fadingSums) {
      out.writeDouble(sum);
    }
    for (double[] slot : ring) {
      for (double error : slot) {
        out.writeDouble(error);
      }
    }
  }

  static PrequentialScores load(DataInput in) throws IOException {
    var scores = new PrequentialScores(in.readInt());
    scores.count = in.readLong();
    scores.fadingWeight = in.readDouble();
    for (int i = 0; i < scores.fadingSums.length; i++) {
      scores.fadingSums[i] = in.readDouble();
    }
    int filled = (int) Math.min(scores.count, scores.capacity);
    for (int r = 0; r < scores.capacity; r++) {
      for (int i = 0; i < scores.sums.length; i++) {
        scores.ring[r][i] = in.readDouble();
        scores.sums[i] += r < filled ? scores.ring[r][i] : 0;
      }
    }
    return scores;
  }
}
