package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.kernel.Window;

/**
 * The mean of what a window sees, in each channel.
 *
 * <p>Shapes: {@code [N, C, H, W] -> [N, C, H', W']} with H' and W' as {@link Window#outH} and
 * {@link Window#outW}, or with {@code ceilMode} as {@link Window#ceilH} and {@link Window#ceilW};
 * the padding is at most half of the kernel. Results lie channels-last in memory. Dtypes: F32, F64.
 * Gradient: in equal shares. Source: {@code torch.nn.AvgPool2d} without {@code divisor_override}.
 *
 * @param window size, strides and padding, dense
 * @param countIncludePad whether padding counts as zeros, as it does by default
 * @param ceilMode whether a last window may reach beyond the padding; what is beyond never counts
 */
public record AvgPool2d(Window window, boolean countIncludePad, boolean ceilMode) implements Layer {

  /** As many windows as fit. */
  public AvgPool2d(Window window, boolean countIncludePad) {
    this(window, countIncludePad, false);
  }

  /** A square window that moves by its own size. */
  public AvgPool2d(int kernelSize) {
    this(Window.of(kernelSize, kernelSize).stride(kernelSize, kernelSize), true);
  }

  @Override
  public Variable forward(Variable x) {
    return x.averagePool(window, countIncludePad, ceilMode);
  }
}
