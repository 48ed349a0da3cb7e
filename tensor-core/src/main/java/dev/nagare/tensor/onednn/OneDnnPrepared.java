package dev.nagare.tensor.onednn;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.ConvolutionChoice;
import dev.nagare.tensor.kernel.prepared.AttentionSpec;
import dev.nagare.tensor.kernel.prepared.ConvolutionSpec;
import dev.nagare.tensor.kernel.prepared.CopySpec;
import dev.nagare.tensor.kernel.prepared.LayerNormSpec;
import dev.nagare.tensor.kernel.prepared.PointwiseSpec;
import dev.nagare.tensor.kernel.prepared.PoolingSpec;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import dev.nagare.tensor.kernel.prepared.RaggedAttentionSpec;
import dev.nagare.tensor.kernel.prepared.RecurrenceSpec;
import dev.nagare.tensor.kernel.prepared.SoftmaxSpec;
import java.util.function.Supplier;

/** {@link PreparedKernels} of oneDNN primitives; attention with a mask for each query is ours. */
final class OneDnnPrepared implements PreparedKernels {
  /** Bits of an instruction set that multiplies BF16. */
  private static final int AVX512_BF16 = 0xe7;

  /** Columns and terms of a product that plain Java computes, see decision 84. */
  private static final int TINY_COLUMNS = 16;

  private static final int TINY_TERMS = 128;

  private final PreparedKernels rest;

  OneDnnPrepared(PreparedKernels rest) {
    this.rest = rest;
  }

  @Override
  public String whyNoBFloat16() {
    int isa = OneDnn.isa();
    return (isa & AVX512_BF16) == AVX512_BF16
        ? ""
        : "bf16: this CPU does not multiply BF16 (oneDNN's instruction set is 0x"
            + Integer.toHexString(isa)
            + ", AVX512_BF16 is needed); use F32";
  }

  /** Whether a product of one row takes less than the call of a primitive; rows do not count. */
  private static boolean isTiny(ProductSpec s) {
    boolean f32 = s.dtype() == DType.F32 && s.result() == DType.F32;
    return f32 && s.n() <= TINY_COLUMNS && s.k() <= TINY_TERMS;
  }

  private PreparedKernel made(Record spec, Supplier<PreparedKernel> kernel, DType... dtypes) {
    requireBFloat16(dtypes);
    return SharedKernel.of(spec, () -> AmpleStack.call(kernel));
  }

  private void requireBFloat16(DType... dtypes) {
    for (DType dtype : dtypes) {
      String why = dtype == DType.BF16 ? whyNoBFloat16() : "";
      if (!why.isEmpty()) {
        throw TensorException.mismatch(why);
      }
    }
  }

  @Override
  public PreparedKernel product(ProductSpec s) {
    return isTiny(s)
        ? rest.product(s)
        : made(s, () -> PreparedProduct.of(s), s.dtype(), s.result());
  }

  @Override
  public PreparedKernel convolution(ConvolutionSpec s) {
    return ConvolutionChoice.of(s) == ConvolutionChoice.OTHER
        ? made(s, () -> PreparedConvolution.of(s), s.dtype(), s.result())
        : rest.convolution(s);
  }

  @Override
  public PreparedKernel recurrence(RecurrenceSpec s) {
    return rest.recurrence(s);
  }

  @Override
  public PreparedKernel attention(AttentionSpec s) {
    requireBFloat16(s.dtype());
    return ChainedAttention.can(s) ? made(s, () -> new ChainedAttention(s)) : rest.attention(s);
  }

  @Override
  public PreparedKernel raggedAttention(RaggedAttentionSpec s) {
    requireBFloat16(s.dtype());
    return new ChainedSequences(s);
  }

  @Override
  public PreparedKernel layerNorm(LayerNormSpec s) {
    return made(s, () -> PreparedForward.layerNorm(s), s.dtype(), s.result());
  }

  @Override
  public PreparedKernel softmax(SoftmaxSpec s) {
    return made(s, () -> PreparedForward.softmax(s), s.dtype(), s.result());
  }

  @Override
  public PreparedKernel pooling(PoolingSpec s) {
    return made(s, () -> PreparedForward.pooling(s), s.dtype());
  }

  @Override
  public PreparedKernel pointwise(PointwiseSpec s) {
    requireBFloat16(s.dtype(), s.result());
    return PreparedForward.can(s) ? made(s, () -> PreparedForward.pointwise(s)) : rest.pointwise(s);
  }

  @Override
  public PreparedKernel copy(CopySpec s) {
    requireBFloat16(s.dtype(), s.result());
    return s.isOfFewPlanes() ? rest.copy(s) : made(s, () -> PreparedForward.copy(s));
  }
}
