package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;

/**
 * Largest or mean value of what a window sees, in each channel.
 *
 * <p>Images are contiguous {@code [N, H, W, C]}; one dimension is H = kernelH = 1. Dtypes: F32,
 * F64, forwards BF16 too; one in a call. Results overlap nothing. The padding on each side is at
 * most half of the kernel, as in PyTorch, so a dense window sees at least one pixel; a dilated one
 * that sees none has -∞ as its largest. Shapes are checked before any memory is touched, nothing is
 * allocated per call, any number of threads may call with tensors of their own, and an image's
 * result does not depend on the other images. Source: {@code torch.nn.functional.max_pool2d},
 * {@code avg_pool2d}, {@code adaptive_avg_pool2d}.
 */
public interface Pooling {

  /**
   * The largest value that the window sees; padding counts for nothing, not a number counts as
   * larger than all.
   *
   * @param window size, strides, dilations and padding
   * @param x {@code [N, H, W, C]}
   * @param y {@code [N, H', W', C]} with H' and W' as {@link Window#outH} and {@link Window#outW},
   *     or as {@link Window#ceilH} and {@link Window#ceilW}
   */
  void max(Window window, Tensor x, Tensor y);

  /**
   * Adds the gradient of {@link #max}: to the first of the largest that each window sees, row by
   * row.
   *
   * @param window as in the forward
   * @param x as in the forward
   * @param y as the forward left it
   * @param dy the gradient with respect to y
   * @param dx shaped as x; the gradient is added
   */
  void maxBackward(Window window, Tensor x, Tensor y, Tensor dy, Tensor dx);

  /**
   * The mean of what the window sees.
   *
   * @param window size, strides and padding, dense
   * @param includePadding whether padding counts as zeros, PyTorch's {@code count_include_pad}, or
   *     not at all; what a last window sees beyond the padding never counts
   * @param x as in {@link #max}
   * @param y as in {@link #max}
   */
  void average(Window window, boolean includePadding, Tensor x, Tensor y);

  /**
   * Adds the gradient of {@link #average}.
   *
   * @param window as in the forward
   * @param includePadding as in the forward
   * @param dy the gradient with respect to y
   * @param dx shaped as x; the gradient is added
   */
  void averageBackward(Window window, boolean includePadding, Tensor dy, Tensor dx);

  /**
   * The mean of H' x W' parts of each image; part p of an axis reaches from {@code ⌊p · H / H'⌋} up
   * to {@code ⌈(p + 1) · H / H'⌉}. With 1 x 1 it is the mean of the image.
   *
   * @param x {@code [N, H, W, C]}
   * @param y {@code [N, H', W', C]}, at least 1 x 1
   */
  void adaptiveAverage(Tensor x, Tensor y);

  /**
   * Adds the gradient of {@link #adaptiveAverage}.
   *
   * @param dy the gradient with respect to y
   * @param dx shaped as x; the gradient is added
   */
  void adaptiveAverageBackward(Tensor dy, Tensor dx);
}
