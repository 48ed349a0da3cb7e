package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.kernel.Window;

/**
 * The largest value that a window sees, in each channel.
 *
 * <p>Shapes: {@code [N, C, H, W] -> [N, C, H', W']} with H' and W' as {@link Window#outH} and
 * {@link Window#outW}, or with {@code ceilMode} as {@link Window#ceilH} and {@link Window#ceilW};
 * the padding, at most half of the kernel, counts for nothing. Results lie channels-last in memory.
 * Dtypes: F32, F64. Gradient: to the first of the largest, row by row. Source: {@code
 * torch.nn.MaxPool2d} without {@code return_indices}.
 *
 * @param window size, strides, dilations and padding
 * @param ceilMode whether a last window may reach beyond the padding
 */
public record MaxPool2d(Window window, boolean ceilMode) implements Layer {

  /** As many windows as fit. */
  public MaxPool2d(Window window) {
    this(window, false);
  }

  /** A square window that moves by its own size. */
  public MaxPool2d(int kernelSize) {
    this(Window.of(kernelSize, kernelSize).stride(kernelSize, kernelSize));
  }

  @Override
  public Variable forward(Variable x) {
    return x.maxPool(window, ceilMode);
  }
}
