package dev.nagare.tensor.kernel.prepared;

/**
 * Makes kernels for fixed shapes. Preparing costs up to milliseconds, so it is done off the lanes.
 *
 * <p>Inference only. Dtypes are F32 and BF16; sums, and all between reading an element and writing
 * one, are F32 in both. What the machine or the provider cannot do is refused by a {@link
 * dev.nagare.tensor.TensorException} of kind MISMATCH with the reason; BF16 needs a CPU that
 * multiplies it.
 *
 * <p>Bits: a row of a product, an image of a convolution, a sequence of an attention does not
 * depend on the others of its run, nor on how many they are.
 */
public interface PreparedKernels {

  /**
   * Why BF16 is nothing to be used here; empty if it is. Plain kernels compute in it all the same,
   * slowly, for tests.
   */
  String whyNoBFloat16();

  /** A matrix product with what follows it. Has a weight. */
  PreparedKernel product(ProductSpec spec);

  /** A convolution with what follows it. Has a weight. */
  PreparedKernel convolution(ConvolutionSpec spec);

  /** The recurrence of an LSTM. Inputs: gates, the first h and c. Has a weight. */
  PreparedKernel recurrence(RecurrenceSpec spec);

  /** Attention of sequences of one length. Inputs: q, k, v and, if there is one, the mask. */
  PreparedKernel attention(AttentionSpec spec);

  /** Attention of sequences of any lengths. Inputs: q, k, v, offsets. */
  PreparedKernel raggedAttention(RaggedAttentionSpec spec);

  /** Layer normalisation. Inputs: x, then scale and shift where there are any. */
  PreparedKernel layerNorm(LayerNormSpec spec);

  /** Softmax or its logarithm. */
  PreparedKernel softmax(SoftmaxSpec spec);

  /** The largest or the mean of what a window sees. */
  PreparedKernel pooling(PoolingSpec spec);

  /** Functions of elements. */
  PreparedKernel pointwise(PointwiseSpec spec);

  /** Rows of several matrices next to each other. Inputs: the matrices. */
  PreparedKernel join(JoinSpec spec);

  /** A copy into another order of elements, another dtype, or both. */
  PreparedKernel copy(CopySpec spec);
}
