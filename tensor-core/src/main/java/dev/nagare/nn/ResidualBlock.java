package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.kernel.Window;
import org.jspecify.annotations.Nullable;

/**
 * The basic block of a residual network:
 *
 * <pre>
 * y = relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x))
 * </pre>
 *
 * <p>Both convolutions are 3 x 3 without bias, the first with the stride. The shortcut is x itself,
 * or, where stride or channels differ, a 1 x 1 convolution without bias and a BatchNorm.
 *
 * <p>Shapes: {@code [N, C, H, W] -> [N, O, ⌈H / stride⌉, ⌈W / stride⌉]}. Dtypes: F32, F64.
 * Gradient: to input and parameters. Source: He et al. (2016); {@code
 * torchvision.models.resnet.BasicBlock}, with its names: conv1, bn1, conv2, bn2, downsample.0 and
 * downsample.1.
 */
public final class ResidualBlock extends Module implements Layer {
  private final Conv2d conv1;
  private final BatchNorm2d bn1;
  private final Conv2d conv2;
  private final BatchNorm2d bn2;
  private final @Nullable Sequential downsample;

  /** Creates a block. */
  public ResidualBlock(ParameterFactory factory, int inChannels, int outChannels, int stride) {
    Window three = Window.of(3, 3).padding(1, 1);
    Window first = three.stride(stride, stride);
    conv1 = register("conv1", new Conv2d(factory, inChannels, outChannels, first, 1, false));
    bn1 = register("bn1", new BatchNorm2d(factory, outChannels));
    conv2 = register("conv2", new Conv2d(factory, outChannels, outChannels, three, 1, false));
    bn2 = register("bn2", new BatchNorm2d(factory, outChannels));
    downsample =
        stride == 1 && inChannels == outChannels
            ? null
            : register("downsample", projection(factory, inChannels, outChannels, stride));
  }

  private static Sequential projection(ParameterFactory factory, int in, int out, int stride) {
    Window one = Window.of(1, 1).stride(stride, stride);
    return new Sequential(
        new Conv2d(factory, in, out, one, 1, false), new BatchNorm2d(factory, out));
  }

  @Override
  public Variable forward(Variable x) {
    Variable inner = bn1.forward(conv1.forward(x)).relu();
    Variable shortcut = downsample == null ? x : downsample.forward(x);
    return bn2.forward(conv2.forward(inner)).add(shortcut).relu();
  }
}
