package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/**
 * He's rule for a weight {@code [out, in, ..]} before a leaky ReLU: uniform with the variance
 * {@code 2 / ((1 + slope²) · fan)}. PyTorch's Linear starts with slope √5, which is {@code
 * ±1/√fanIn}. Source: He et al. (2015); {@code torch.nn.init.kaiming_uniform_}.
 *
 * @param slope of the leaky ReLU for negative values
 * @param fan what the variance is kept along
 */
public record Kaiming(double slope, Fan fan) implements Initializer {

  /** What PyTorch's Linear and convolutions start with. */
  public static final Kaiming LINEAR = new Kaiming(Math.sqrt(5));

  /** The rule that keeps the forward's variance. */
  public Kaiming(double slope) {
    this(slope, Fan.IN);
  }

  @Override
  public void fill(Tensor tensor, CounterRandom random) {
    new Uniform(Math.sqrt(6 / ((1 + slope * slope) * fan.of(tensor)))).fill(tensor, random);
  }
}
