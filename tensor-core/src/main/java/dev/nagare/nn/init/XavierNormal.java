package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/**
 * Glorot's rule as in {@link XavierUniform}, normal: the deviation is {@code gain · √(2 / (fanIn +
 * fanOut))}. Source: Glorot and Bengio (2010); {@code torch.nn.init.xavier_normal_}.
 *
 * @param gain for the function that follows, such as 5/3 for tanh; 1 for none
 */
public record XavierNormal(double gain) implements Initializer {

  @Override
  public void fill(Tensor tensor, CounterRandom random) {
    double fans = Fan.IN.of(tensor) + Fan.OUT.of(tensor);
    new Normal(0, gain * Math.sqrt(2 / fans)).fill(tensor, random);
  }
}
