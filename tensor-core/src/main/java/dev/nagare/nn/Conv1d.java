package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Kaiming;
import dev.nagare.tensor.kernel.Window;
import org.jspecify.annotations.Nullable;

/**
 * Convolution of sequences, in groups: {@link Conv2d} with one row.
 *
 * <p>Shapes: {@code [N, C, L] -> [N, O, L']} with {@code L' = (L + 2 · padding - dilation ·
 * (kernelSize - 1) - 1) / stride + 1}, rounded down; weight {@code [O, C / groups, kernelSize]} and
 * bias {@code [O]} as in PyTorch. Results lie channels-last in memory. Dtypes: F32, F64. Gradient:
 * to input and parameters. Source: {@code torch.nn.Conv1d} with zero padding.
 */
public final class Conv1d extends Module implements Layer {
  private final Window window;
  private final int groups;
  private final Parameter weight;
  private final @Nullable Parameter bias;

  /** Creates a layer with stride 1, no padding, one group and a bias. */
  public Conv1d(ParameterFactory factory, int inChannels, int outChannels, int kernelSize) {
    this(factory, inChannels, outChannels, kernelSize, 1, 0, 1, 1, true);
  }

  /** Creates a layer that starts as PyTorch's: all values uniform in ±1/√fanIn. */
  public Conv1d(
      ParameterFactory factory,
      int inChannels,
      int outChannels,
      int kernelSize,
      int stride,
      int padding,
      int dilation,
      int groups,
      boolean withBias) {
    Conv2d.requireGroups(inChannels, outChannels, groups);
    this.window =
        Window.of(1, kernelSize).stride(1, stride).padding(0, padding).dilation(1, dilation);
    this.groups = groups;
    int in = inChannels / groups;
    weight = register(factory.create("weight", Kaiming.LINEAR, outChannels, in, kernelSize));
    bias = withBias ? register(Conv2d.bias(factory, outChannels, in * kernelSize)) : null;
  }

  @Override
  public Variable forward(Variable x) {
    return x.convolution(weight, bias, window, groups);
  }
}
