package dev.nagare.models.online;

import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;

/**
 * What turns raw values into a network's numbers and back, all F64.
 *
 * @param mean {@code [F]}
 * @param spread {@code [F]}, mean absolute deviation
 * @param change a forecaster's usual changes {@code [lags, F]}; a classifier's log-odds of "the
 *     label stays" {@code [1]}
 */
record Scales(Tensor mean, Tensor spread, Tensor change) {

  /** Normalised values and changes beyond this say no more than "a burst". */
  static final double LARGEST_INPUT = 8;

  Scales copyTo(Memory memory) {
    return new Scales(mean.keep(memory), spread.keep(memory), change.keep(memory));
  }

  void copyFrom(Scales other) {
    mean.copyFrom(other.mean);
    spread.copyFrom(other.spread);
    change.copyFrom(other.change);
  }

  long bytes() {
    return (mean.elements() + spread.elements() + change.elements()) * mean.dtype().bytes()
        + 3 * Memory.ALIGNMENT;
  }

  /** Writes the normalised features of raw rows to the first columns of {@code inputs}. */
  void normalise(Tensor rows, Tensor inputs) {
    long values = rows.dim(-1);
    long width = inputs.dim(-1);
    long count = rows.elements() / values;
    for (long f = 0; f < mean.elements(); f++) {
      double centre = mean.get(f);
      double scale = spread.get(f);
      for (long r = 0; r < count; r++) {
        inputs.set(r * width + f, limited(rows.get(r * values + f) - centre, scale));
      }
    }
  }

  /** A difference in units of a scale, within reach; 0 where nothing ever changed. */
  static double limited(double difference, double scale) {
    return scale > 0 ? Math.clamp(difference / scale, -LARGEST_INPUT, LARGEST_INPUT) : 0;
  }
}
