package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.kernel.Window;

/**
 * The residual network of 20 layers for small images, {@code [N, 3, H, W] -> [N, classes]}. Source:
 * He et al. (2016), section 4.2, with projections where the width changes.
 */
final class ResNet20 extends Module implements Layer {
  private final Sequential layers;

  ResNet20(ParameterFactory factory, int classes) {
    layers =
        register(
            "layers",
            new Sequential(
                new Conv2d(factory, 3, 16, Window.of(3, 3).padding(1, 1), 1, false),
                new BatchNorm2d(factory, 16),
                Variable::relu,
                stage(factory, 16, 16, 1),
                stage(factory, 16, 32, 2),
                stage(factory, 32, 64, 2),
                new GlobalAvgPool(),
                new Linear(factory, 64, classes)));
  }

  private static Sequential stage(ParameterFactory factory, int in, int out, int stride) {
    return new Sequential(
        new ResidualBlock(factory, in, out, stride),
        new ResidualBlock(factory, out, out, 1),
        new ResidualBlock(factory, out, out, 1));
  }

  @Override
  public Variable forward(Variable x) {
    return layers.forward(x);
  }
}
