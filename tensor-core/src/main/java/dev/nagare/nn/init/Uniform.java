package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/**
 * Uniform in [low, high). PyTorch's LSTM starts all its parameters in {@code ±1/√H}. Source: {@code
 * torch.nn.init.uniform_}.
 *
 * @param low least value
 * @param high bound of the largest, no less than {@code low}
 */
public record Uniform(double low, double high) implements Initializer {

  public Uniform {
    if (!(low <= high)) {
      throw new IllegalArgumentException(
          "uniform: expected low <= high, got " + low + " and " + high);
    }
  }

  /** Uniform in [-bound, bound). */
  public Uniform(double bound) {
    this(-bound, bound);
  }

  @Override
  public void fill(Tensor tensor, CounterRandom random) {
    double middle = (low + high) / 2;
    double half = (high - low) / 2;
    for (int i = 0; i < tensor.elements(); i++) {
      tensor.set(i, middle + (2 * random.uniform(i) - 1) * half);
    }
  }
}
