package dev.nagare.models.online;

import dev.nagare.io.TensorBytes;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Running centre and scale of each feature, in f64: the online normaliser.
 *
 * <p>Mean absolute deviations, not variances: the rates of a machine come in bursts, and a square
 * would let one burst hide everything else for minutes. Plain averages at first, exponential ones
 * once {@link #MEMORY} rows were seen. A deviation counts at most {@link #REACH} scales, so that
 * one absurd value costs a little accuracy and not hours; a real change of scale is still followed,
 * at about 5 % per row. A feature that never changed has scale 0 and is left out of everything.
 */
final class RunningScale {
  static final double MEMORY = 1000;
  private static final double REACH = 50;

  /** Means and mean absolute deviations, each F64 {@code [features]}. */
  final Tensor mean;

  final Tensor spread;

  /** Mean absolute differences from the row a lag before, F64 {@code [lags, features]}. */
  final Tensor change;

  private final int[] lags;
  private long rows;

  /**
   * Scales of nothing yet.
   *
   * @param lags distances in rows that changes are measured over, each 1 or more
   */
  RunningScale(Memory memory, int features, int... lags) {
    mean = memory.zeros(DType.F64, Shape.of(features));
    spread = memory.zeros(DType.F64, Shape.of(features));
    change = memory.zeros(DType.F64, Shape.of(lags.length, features));
    this.lags = lags.clone();
  }

  /**
   * Takes in a row.
   *
   * @param row features first
   * @param before the rows before it, as many as the largest lag if they were there
   */
  void add(float[] row, RowHistory before) {
    rows++;
    double weight = Math.max(1.0 / rows, 1 / MEMORY);
    int features = (int) mean.elements();
    for (int f = 0; f < features; f++) {
      if (rows == 1) {
        mean.set(f, row[f]);
      } else {
        double scale = spread.get(f);
        double deviation = limited(row[f] - mean.get(f), scale);
        mean.set(f, mean.get(f) + weight * deviation);
        spread.set(f, scale + weight * (Math.abs(deviation) - scale));
      }
    }
    for (int k = 0; k < lags.length && rows > lags[k]; k++) {
      double changeWeight = Math.max(1.0 / (rows - lags[k]), 1 / MEMORY);
      for (int f = 0; f < features; f++) {
        long at = (long) k * features + f;
        double usual = change.get(at);
        double now = Math.abs(limited((double) row[f] - before.get(lags[k] - 1, f), usual));
        change.set(at, usual + changeWeight * (now - usual));
      }
    }
  }

  private static double limited(double deviation, double scale) {
    return scale > 0 ? Math.clamp(deviation, -REACH * scale, REACH * scale) : deviation;
  }

  void save(DataOutput out) throws IOException {
    out.writeLong(rows);
    TensorBytes.write(mean, out);
    TensorBytes.write(spread, out);
    TensorBytes.write(change, out);
  }

  void load(DataInput in) throws IOException {
    rows = in.readLong();
    TensorBytes.read(mean, in);
    TensorBytes.read(spread, in);
    TensorBytes.read(change, in);
  }
}
