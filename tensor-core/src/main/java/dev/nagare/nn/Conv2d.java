package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Kaiming;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.kernel.Convolution;
import dev.nagare.tensor.kernel.Window;
import org.jspecify.annotations.Nullable;

/**
 * Convolution of images, in groups; for the formula see {@link Convolution}.
 *
 * <p>Shapes: {@code [N, C, H, W] -> [N, O, H', W']} with H' and W' as {@link Window#outH} and
 * {@link Window#outW}; weight {@code [O, C / groups, kernelH, kernelW]} and bias {@code [O]} as in
 * PyTorch. Results lie channels-last in memory, and inputs that do are not copied. Dtypes: F32,
 * F64. Gradient: to input and parameters. Source: {@code torch.nn.Conv2d} with zero padding.
 */
public final class Conv2d extends Module implements Layer {
  private final Window window;
  private final int groups;
  private final Parameter weight;
  private final @Nullable Parameter bias;

  /** Creates a layer with one group and a bias. */
  public Conv2d(ParameterFactory factory, int inChannels, int outChannels, Window window) {
    this(factory, inChannels, outChannels, window, 1, true);
  }

  /**
   * Creates a layer that starts as PyTorch's: all values uniform in ±1/√fanIn.
   *
   * @param window size, strides, dilations and padding
   * @param groups how many groups the channels of both sides fall into; inChannels for depthwise
   * @param withBias whether there is a bias
   */
  public Conv2d(
      ParameterFactory factory,
      int inChannels,
      int outChannels,
      Window window,
      int groups,
      boolean withBias) {
    requireGroups(inChannels, outChannels, groups);
    this.window = window;
    this.groups = groups;
    int in = inChannels / groups;
    int h = window.kernelH();
    int w = window.kernelW();
    weight = register(factory.create("weight", Kaiming.LINEAR, outChannels, in, h, w));
    bias = withBias ? register(bias(factory, outChannels, in * h * w)) : null;
  }

  static Parameter bias(ParameterFactory factory, int outChannels, int fan) {
    return factory.create("bias", new Uniform(1 / Math.sqrt(fan)), outChannels);
  }

  static void requireGroups(int inChannels, int outChannels, int groups) {
    if (groups < 1 || inChannels % groups != 0 || outChannels % groups != 0) {
      throw new IllegalArgumentException(
          "convolution: expected channels that fall into groups evenly, got "
              + inChannels
              + " and "
              + outChannels
              + " in "
              + groups);
    }
  }

  @Override
  public Variable forward(Variable x) {
    return x.convolution(weight, bias, window, groups);
  }
}
