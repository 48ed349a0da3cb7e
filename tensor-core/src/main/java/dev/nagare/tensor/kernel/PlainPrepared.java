package dev.nagare.tensor.kernel;

import dev.nagare.tensor.kernel.prepared.AttentionSpec;
import dev.nagare.tensor.kernel.prepared.ConvolutionSpec;
import dev.nagare.tensor.kernel.prepared.CopySpec;
import dev.nagare.tensor.kernel.prepared.JoinSpec;
import dev.nagare.tensor.kernel.prepared.LayerNormSpec;
import dev.nagare.tensor.kernel.prepared.PointwiseSpec;
import dev.nagare.tensor.kernel.prepared.PoolingSpec;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import dev.nagare.tensor.kernel.prepared.RaggedAttentionSpec;
import dev.nagare.tensor.kernel.prepared.RecurrenceSpec;
import dev.nagare.tensor.kernel.prepared.SoftmaxSpec;

/** {@link PreparedKernels} in plain Java: the reference, and the attention of all providers. */
final class PlainPrepared implements PreparedKernels {
  private final Loops loops;
  private final HeadLoops heads;
  private final TileLoops tiles;
  private final ChannelLoops channels;

  PlainPrepared(Loops loops, HeadLoops heads, TileLoops tiles, ChannelLoops channels) {
    this.loops = loops;
    this.heads = heads;
    this.tiles = tiles;
    this.channels = channels;
  }

  @Override
  public String whyNoBFloat16() {
    return "bf16: plain Java only imitates it; use F32, or a machine where oneDNN works and the CPU"
        + " multiplies BF16";
  }

  @Override
  public PreparedKernel product(ProductSpec spec) {
    return new PlainPreparedProduct(spec, loops);
  }

  @Override
  public PreparedKernel convolution(ConvolutionSpec spec) {
    return switch (ConvolutionChoice.of(spec)) {
      case WINOGRAD -> new PreparedWinograd(spec, tiles);
      case OTHER -> new PlainPreparedConvolution(spec, loops);
    };
  }

  @Override
  public PreparedKernel recurrence(RecurrenceSpec spec) {
    return new PlainPreparedRecurrence(spec, loops, tiles);
  }

  @Override
  public PreparedKernel attention(AttentionSpec spec) {
    return PlainPreparedAttention.of(spec, heads);
  }

  @Override
  public PreparedKernel raggedAttention(RaggedAttentionSpec spec) {
    return PlainPreparedAttention.of(spec, heads);
  }

  @Override
  public PreparedKernel layerNorm(LayerNormSpec spec) {
    return new PlainPreparedRows.Normal(spec, loops.rows());
  }

  @Override
  public PreparedKernel softmax(SoftmaxSpec spec) {
    return new PlainPreparedRows.Soft(spec, loops.rows());
  }

  @Override
  public PreparedKernel pooling(PoolingSpec spec) {
    return new PlainPreparedPooling(spec);
  }

  @Override
  public PreparedKernel pointwise(PointwiseSpec spec) {
    return spec.isAffine()
        ? new PreparedAffine(spec, channels)
        : new PlainPreparedPointwise(spec, loops);
  }

  @Override
  public PreparedKernel join(JoinSpec spec) {
    return new PreparedJoin(spec, channels);
  }

  @Override
  public PreparedKernel copy(CopySpec spec) {
    return spec.isOfFewPlanes()
        ? new PlainPreparedPlanes(spec, heads)
        : new PlainPreparedCopy(spec);
  }
}
