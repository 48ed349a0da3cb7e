package dev.nagare.tensor.kernel;

import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.PointwiseSpec;

/** Functions of elements, over F32. */
final class PlainPreparedPointwise extends PlainPreparedKernel {
  private final PointwiseSpec spec;
  private final PlainPostOps post;

  PlainPreparedPointwise(PointwiseSpec spec, Loops loops) {
    super(Arguments.of(spec), "plain");
    this.spec = spec;
    this.post = new PlainPostOps(loops, spec.post(), spec.operands());
  }

  @Override
  public long scratchBytes() {
    return 4 * spec.shape().elements();
  }

  @Override
  void compute(Places at) {
    long n = spec.shape().elements();
    Mixed.widen(spec.dtype(), at.inputs[0], at.scratch, n);
    long columns = spec.shape().rank() == 0 ? 1 : spec.shape().dim(-1);
    post.apply(at.scratch, n, columns, at.operands);
    Mixed.narrow(spec.result(), at.scratch, at.output, n);
  }
}
