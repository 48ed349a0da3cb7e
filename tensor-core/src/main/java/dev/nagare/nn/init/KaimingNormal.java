package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/**
 * He's rule as in {@link Kaiming}, normal: the variance is {@code 2 / ((1 + slope²) · fan)}.
 * ResNets start with slope 0 and {@link Fan#OUT}. Source: He et al. (2015); {@code
 * torch.nn.init.kaiming_normal_}.
 *
 * @param slope of the leaky ReLU for negative values
 * @param fan what the variance is kept along
 */
public record KaimingNormal(double slope, Fan fan) implements Initializer {

  @Override
  public void fill(Tensor tensor, CounterRandom random) {
    double deviation = Math.sqrt(2 / ((1 + slope * slope) * fan.of(tensor)));
    new Normal(0, deviation).fill(tensor, random);
  }
}
