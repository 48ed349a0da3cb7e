package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/**
 * One value everywhere. Source: {@code torch.nn.init.constant_}.
 *
 * @param value of every element
 */
public record Constant(double value) implements Initializer {

  @Override
  public void fill(Tensor tensor, CounterRandom random) {
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, value);
    }
  }
}
