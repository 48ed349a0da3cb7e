package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/**
 * Normal numbers by the transform of Box and Muller (1958), each from the four words of its own
 * position. Source: {@code torch.nn.init.normal_}.
 *
 * @param mean of the numbers
 * @param deviation their standard deviation, 0 or more
 */
public record Normal(double mean, double deviation) implements Initializer {

  public Normal {
    if (!(deviation >= 0)) {
      throw new IllegalArgumentException(
          "normal: expected a deviation of 0 or more, got " + deviation);
    }
  }

  @Override
  public void fill(Tensor tensor, CounterRandom random) {
    int[] words = new int[4];
    for (int i = 0; i < tensor.elements(); i++) {
      random.words(i, words);
      tensor.set(i, mean + deviation * standard(words));
    }
  }

  /** A number of mean 0 and deviation 1. */
  static double standard(int[] words) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - CounterRandom.uniform(words, 0)));
    return radius * StrictMath.cos(2 * Math.PI * CounterRandom.uniform(words, 2));
  }
}
