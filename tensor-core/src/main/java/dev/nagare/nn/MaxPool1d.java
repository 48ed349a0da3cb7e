package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.kernel.Window;

/**
 * The largest value that a window over a sequence sees, in each channel: {@link MaxPool2d} with one
 * row.
 *
 * <p>Shapes: {@code [N, C, L] -> [N, C, L']} with {@code L' = (L + 2 · padding - dilation ·
 * (kernelSize - 1) - 1) / stride + 1}, rounded down; the padding, at most half of the kernel,
 * counts for nothing. Results lie channels-last in memory. Dtypes: F32, F64. Gradient: to the first
 * of the largest. Source: {@code torch.nn.MaxPool1d} without {@code ceil_mode} and {@code
 * return_indices}.
 *
 * @param kernelSize steps that a window sees
 * @param stride steps between windows
 * @param padding steps added on both sides
 * @param dilation steps between what a window sees, 1 for a dense one
 */
public record MaxPool1d(int kernelSize, int stride, int padding, int dilation) implements Layer {

  /** A window that moves by its own size. */
  public MaxPool1d(int kernelSize) {
    this(kernelSize, kernelSize, 0, 1);
  }

  @Override
  public Variable forward(Variable x) {
    Pool1d.require("maxPool1d", x);
    return x.maxPool(
        Window.of(1, kernelSize).stride(1, stride).padding(0, padding).dilation(1, dilation));
  }
}
