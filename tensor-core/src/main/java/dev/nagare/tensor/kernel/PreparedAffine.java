package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.PointwiseSpec;

/**
 * What a batch normalisation is for inference, and the ReLU behind it: each channel times a factor,
 * plus a term. Reads every element once and writes it once, in the dtype of the reader.
 */
final class PreparedAffine extends PlainPreparedKernel {
  private final ChannelLoops loops;
  private final boolean halvesIn;
  private final boolean halvesOut;
  private final float least;
  private final long rows;
  private final long columns;

  /** Of functions that {@link PointwiseSpec#isAffine}. */
  PreparedAffine(PointwiseSpec spec, ChannelLoops loops) {
    super(Arguments.of(spec), "affine");
    this.loops = loops;
    this.halvesIn = spec.dtype() == DType.BF16;
    this.halvesOut = spec.result() == DType.BF16;
    this.least = spec.post().size() > 2 ? 0 : Float.NEGATIVE_INFINITY;
    this.columns = spec.shape().dim(-1);
    this.rows = spec.shape().elements() / columns;
  }

  @Override
  void compute(Places at) {
    loops.affine(
        halvesIn,
        halvesOut,
        least,
        at.inputs[0],
        at.operands[0],
        at.operands[1],
        at.output,
        rows,
        columns);
  }
}
