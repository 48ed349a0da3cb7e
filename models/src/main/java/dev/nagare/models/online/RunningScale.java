package dev.nagare.models.online;

import dev.nagare.io.TensorBytes;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
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
  private static final double MEMORY = 1000;
  private static final double REACH = 50;

  /**
   * Means, mean absolute deviations, mean absolute changes from row to row; each F64 [features].
   */
  final Tensor mean;

  final Tensor spread;
  final Tensor change;
  private final double[] last;
  private long rows;

  RunningScale(ProcessMemory memory, int features) {
    Shape shape = Shape.of(features);
    mean = memory.zeros(DType.F64, shape);
    spread = memory.zeros(DType.F64, shape);
    change = memory.zeros(DType.F64, shape);
    last = new double[features];
  }

  void add(float[] row) {
    rows++;
    double weight = Math.max(1.0 / rows, 1 / MEMORY);
    double changeWeight = Math.max(1.0 / Math.max(1, rows - 1), 1 / MEMORY);
    for (int f = 0; f < row.length; f++) {
      if (rows == 1) {
        mean.set(f, row[f]);
      } else {
        double scale = spread.get(f);
        double deviation = limited(row[f] - mean.get(f), scale);
        mean.set(f, mean.get(f) + weight * deviation);
        spread.set(f, scale + weight * (Math.abs(deviation) - scale));
        double step = change.get(f);
        double difference = Math.abs(limited(row[f] - last[f], step));
        change.set(f, step + changeWeight * (difference - step));
      }
      last[f] = row[f];
    }
  }

  private static double limited(double deviation, double scale) {
    return scale > 0 ? Math.clamp(deviation, -REACH * scale, REACH * scale) : deviation;
  }

  void save(DataOutput out) throws IOException {
    out.writeLong(rows);
    for (double value : last) {
      out.writeDouble(value);
    }
    TensorBytes.write(mean, out);
    TensorBytes.write(spread, out);
    TensorBytes.write(change, out);
  }

  void load(DataInput in) throws IOException {
    rows = in.readLong();
    for (int f = 0; f < last.length; f++) {
      last[f] = in.readDouble();
    }
    TensorBytes.read(mean, in);
    TensorBytes.read(spread, in);
    TensorBytes.read(change, in);
  }
}
