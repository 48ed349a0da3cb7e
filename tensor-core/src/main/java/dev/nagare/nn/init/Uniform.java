package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/**
 * Uniform in [-bound, bound). PyTorch's LSTM starts all its parameters with {@code bound = 1/√H}.
 * Source: {@code torch.nn.init.uniform_}.
 *
 * @param bound largest magnitude
 */
public record Uniform(double bound) implements Initializer {

  @Override
  public void fill(Tensor tensor, CounterRandom random) {
    for (int i = 0; i < tensor.elements(); i++) {
      tensor.set(i, (2 * random.uniform(i) - 1) * bound);
    }
  }
}
