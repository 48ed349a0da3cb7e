package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/**
 * He's rule for a weight {@code [out, in, ..]} before a leaky ReLU: uniform with the variance
 * {@code 2 / ((1 + slope²) · fanIn)}. PyTorch's Linear starts with slope √5, which is {@code
 * ±1/√fanIn}. Source: He et al. (2015); {@code torch.nn.init.kaiming_uniform_}.
 *
 * @param slope of the leaky ReLU for negative values
 */
public record Kaiming(double slope) implements Initializer {

  /** What PyTorch's Linear and convolutions start with. */
  public static final Kaiming LINEAR = new Kaiming(Math.sqrt(5));

  @Override
  public void fill(Tensor tensor, CounterRandom random) {
    double fanIn = (double) tensor.elements() / tensor.dim(0);
    new Uniform(Math.sqrt(6 / ((1 + slope * slope) * fanIn))).fill(tensor, random);
  }
}
