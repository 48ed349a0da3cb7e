package dev.nagare.tensor.kernel;

import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.CopySpec;

/** A copy, one element at a time. */
final class PlainPreparedCopy extends PlainPreparedKernel {
  private final CopySpec spec;
  private final long[] dims;
  private final long[] from;
  private final long[] to;

  PlainPreparedCopy(CopySpec spec) {
    super(Arguments.of(spec), "plain");
    this.spec = spec;
    this.dims = spec.shape().toArray();
    this.from = spec.from().stream().mapToLong(Long::longValue).toArray();
    this.to = spec.to().stream().mapToLong(Long::longValue).toArray();
  }

  @Override
  void compute(Places at) {
    copy(at.inputs[0], at.output, 0, 0, 0);
  }

  private void copy(long x, long y, int axis, long source, long target) {
    if (axis == dims.length) {
      Mixed.set(spec.result(), y, target, Mixed.get(spec.dtype(), x, source));
      return;
    }
    for (long i = 0; i < dims[axis]; i++) {
      copy(x, y, axis + 1, source + i * from[axis], target + i * to[axis]);
    }
  }
}
