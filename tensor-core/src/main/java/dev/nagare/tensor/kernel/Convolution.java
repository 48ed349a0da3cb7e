package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Two-dimensional cross-correlation, the convolution of neural networks, in groups:
 *
 * <pre>
 * y[n, p, q, o] = bias[o] + Σ_{c, i, j} weight[o, c, i, j]
 *                 · x[n, p·strideH + i·dilationH - top, q·strideW + j·dilationW - left, c']
 * </pre>
 *
 * <p>with c' the c-th channel of the group that o is in, and x taken as 0 in the padding. Source:
 * {@code torch.nn.functional.conv2d}.
 *
 * <p>Images are contiguous {@code [N, H, W, C]}; weights are contiguous {@code [O, C / groups,
 * kernelH, kernelW]} as PyTorch keeps them, and a kernel that wants another order brings them into
 * it itself. One dimension is H = kernelH = 1. Dtypes: F32, F64. Arguments of a call have one dtype
 * and results overlap nothing. Shapes are checked before any memory is touched, nothing is
 * allocated per call, and any number of threads may call with tensors of their own.
 *
 * <p>Bits: an image's result of {@link #forward} and {@link #backwardData} does not depend on the
 * other images of the call.
 */
public interface Convolution {

  /**
   * Computes {@code y}.
   *
   * @param window size, strides, dilations and padding
   * @param groups how many groups the channels of both sides fall into; C for depthwise
   * @param x {@code [N, H, W, C]}
   * @param weight {@code [O, C / groups, kernelH, kernelW]}
   * @param bias {@code [O]}, or null for none
   * @param y {@code [N, H', W', O]} with H' and W' as {@link Window#outH} and {@link Window#outW}
   */
  void forward(Window window, int groups, Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y);

  /**
   * The gradient with respect to {@code x}.
   *
   * @param window as in the forward
   * @param groups as in the forward
   * @param dy {@code [N, H', W', O]}: the gradient with respect to y
   * @param weight as in the forward
   * @param dx {@code [N, H, W, C]}: receives the gradient, or has it added when accumulating
   * @param accumulate whether it is added
   */
  void backwardData(
      Window window, int groups, Tensor dy, Tensor weight, Tensor dx, boolean accumulate);

  /**
   * Adds the gradients with respect to {@code weight} and {@code bias}.
   *
   * @param window as in the forward
   * @param groups as in the forward
   * @param x as in the forward
   * @param dy {@code [N, H', W', O]}: the gradient with respect to y
   * @param dWeight shaped as weight; the gradient is added
   * @param dBias {@code [O]}; the gradient is added; null for none
   */
  void backwardWeights(
      Window window, int groups, Tensor x, Tensor dy, Tensor dWeight, @Nullable Tensor dBias);
}
