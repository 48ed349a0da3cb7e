package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/**
 * Glorot's rule for a weight {@code [out, in, ..]}: uniform in {@code ±gain · √(6 / (fanIn +
 * fanOut))}, a compromise between the variances of forward and backward. Source: Glorot and Bengio
 * (2010); {@code torch.nn.init.xavier_uniform_}.
 *
 * @param gain for the function that follows, such as 5/3 for tanh; 1 for none
 */
public record XavierUniform(double gain) implements Initializer {

  @Override
  public void fill(Tensor tensor, CounterRandom random) {
    double fans = Fan.IN.of(tensor) + Fan.OUT.of(tensor);
    new Uniform(gain * Math.sqrt(6 / fans)).fill(tensor, random);
  }
}
