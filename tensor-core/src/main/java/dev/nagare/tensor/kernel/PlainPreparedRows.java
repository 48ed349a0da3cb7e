package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.LayerNormSpec;
import dev.nagare.tensor.kernel.prepared.SoftmaxSpec;

/** What goes row by row, over F32. */
final class PlainPreparedRows {
  private PlainPreparedRows() {}

  /** Softmax or its logarithm. */
  static final class Soft extends PlainPreparedKernel {
    private final SoftmaxSpec spec;
    private final RowLoops loops;

    Soft(SoftmaxSpec spec, RowLoops loops) {
      super(Arguments.of(spec), "plain");
      this.spec = spec;
      this.loops = loops;
    }

    @Override
    public long scratchBytes() {
      return 8 * spec.n();
    }

    @Override
    void compute(Places at) {
      long n = spec.n();
      long x = at.scratch;
      long powers = x + 4 * n;
      for (long r = 0; r < spec.rows(); r++) {
        Mixed.widen(spec.dtype(), at.inputs[0] + r * n * spec.dtype().bytes(), x, n);
        double max = loops.max(x, n);
        double sum = loops.expSum(max, x, powers, n);
        if (spec.log()) {
          loops.subtract(max, x, powers, n);
          loops.subtract(StrictMath.log(sum), powers, powers, n);
        } else {
          loops.scale(1 / sum, powers, n);
        }
        Mixed.narrow(spec.result(), powers, at.output + r * n * spec.result().bytes(), n);
      }
    }
  }

  /** Layer normalisation. */
  static final class Normal extends PlainPreparedKernel {
    private final LayerNormSpec spec;
    private final RowLoops loops;

    Normal(LayerNormSpec spec, RowLoops loops) {
      super(Arguments.of(spec), "plain");
      this.spec = spec;
      this.loops = loops;
    }

    @Override
    public long scratchBytes() {
      return 4 * spec.n();
    }

    @Override
    void compute(Places at) {
      long n = spec.n();
      long x = at.scratch;
      long scale = spec.scale() ? at.inputs[1] : 0;
      long shift = spec.shift() ? at.inputs[spec.scale() ? 2 : 1] : 0;
      for (long r = 0; r < spec.rows(); r++) {
        Mixed.widen(spec.dtype(), at.inputs[0] + r * n * spec.dtype().bytes(), x, n);
        float mean = (float) (loops.sum(x, n) / n);
        double variance = loops.squaredDistances(mean, x, n) / n;
        float factor = (float) (1 / Math.sqrt(variance + spec.epsilon()));
        for (long i = 0; i < n; i++) {
          float normal = (getFloat(x, i) - mean) * factor;
          float by = scale == 0 ? 1 : getFloat(scale, i);
          setFloat(x, i, Math.fma(normal, by, shift == 0 ? 0 : getFloat(shift, i)));
        }
        Mixed.narrow(spec.result(), x, at.output + r * n * spec.result().bytes(), n);
      }
    }
  }
}
