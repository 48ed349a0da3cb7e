package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.kernel.Window;

/**
 * The mean of what a window over a sequence sees, in each channel: {@link AvgPool2d} with one row.
 *
 * <p>Shapes: {@code [N, C, L] -> [N, C, L']} with {@code L' = (L + 2 · padding - kernelSize) /
 * stride + 1}, rounded down; the padding is at most half of the kernel. Results lie channels-last
 * in memory. Dtypes: F32, F64. Gradient: in equal shares. Source: {@code torch.nn.AvgPool1d}
 * without {@code ceil_mode}.
 *
 * @param kernelSize steps that a window sees
 * @param stride steps between windows
 * @param padding steps added on both sides
 * @param countIncludePad whether padding counts as zeros, as it does by default
 */
public record AvgPool1d(int kernelSize, int stride, int padding, boolean countIncludePad)
    implements Layer {

  /** A window that moves by its own size. */
  public AvgPool1d(int kernelSize) {
    this(kernelSize, kernelSize, 0, true);
  }

  @Override
  public Variable forward(Variable x) {
    Pool1d.require("avgPool1d", x);
    return x.averagePool(
        Window.of(1, kernelSize).stride(1, stride).padding(0, padding), countIncludePad);
  }
}
