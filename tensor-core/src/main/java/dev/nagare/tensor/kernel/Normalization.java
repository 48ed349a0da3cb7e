package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Normalisation of each channel over all its values:
 *
 * <pre>
 * y = (x - mean) / √(variance + ε) · weight + bias
 * </pre>
 *
 * <p>x is contiguous {@code [.., C]} with at least two axes, such as {@code [N, H, W, C]}; what
 * belongs to the channels is {@code [C]}. Dtypes: F32, F64; one in a call. Results overlap nothing
 * else unless said. Shapes are checked before any memory is touched, nothing is allocated per call,
 * and any number of threads may call with tensors of their own. Source: Ioffe and Szegedy (2015);
 * {@code torch.nn.functional.batch_norm}.
 */
public interface Normalization {

  /**
   * Mean and population variance of each channel. Blocks of rows are summed in the dtype, about
   * their own mean, and combined in f64, so a large mean does not cost the variance its digits.
   *
   * @param x {@code [.., C]}, at least one row
   * @param mean receives the means
   * @param variance receives the variances, divided by the number of values
   */
  void statistics(Tensor x, Tensor mean, Tensor variance);

  /**
   * Computes {@code y}; a value depends on those of its own place alone.
   *
   * @param x {@code [.., C]}
   * @param mean {@code [C]}
   * @param variance {@code [C]}
   * @param weight {@code [C]}, or null for 1
   * @param bias {@code [C]}, or null for 0
   * @param epsilon added to the variance
   * @param y shaped as x; may be x
   */
  void normalize(
      Tensor x,
      Tensor mean,
      Tensor variance,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double epsilon,
      Tensor y);

  /**
   * The gradients of {@link #normalize}.
   *
   * @param x as in the forward
   * @param mean as in the forward
   * @param variance as in the forward
   * @param weight as in the forward
   * @param epsilon as in the forward
   * @param ofBatch whether mean and variance are the {@link #statistics} of x, through which
   *     gradient flows as well, or are constants
   * @param dy the gradient with respect to y
   * @param dx receives the gradient, or has it added when accumulating; null for none
   * @param accumulate whether it is added
   * @param dWeight {@code [C]}; the gradient is added; null for none
   * @param dBias {@code [C]}; the gradient is added; null for none
   */
  void backward(
      Tensor x,
      Tensor mean,
      Tensor variance,
      @Nullable Tensor weight,
      double epsilon,
      boolean ofBatch,
      Tensor dy,
      @Nullable Tensor dx,
      boolean accumulate,
      @Nullable Tensor dWeight,
      @Nullable Tensor dBias);

  /** The same, with the same bits, in parts where that is worth it. */
  Normalization in(Parts parts);
}
