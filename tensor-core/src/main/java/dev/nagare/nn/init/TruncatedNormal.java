package dev.nagare.nn.init;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;

/**
 * Normal numbers under the condition that they are in [low, high].
 *
 * <p>By rejection: a uniform number of the interval is taken with the density that it has relative
 * to the largest there, which needs no inverse of the normal distribution and works as well in its
 * tails. With bounds at two deviations it takes 1.7 tries. Source: {@code
 * torch.nn.init.trunc_normal_}, by another method.
 *
 * @param mean of the numbers before the condition
 * @param deviation their standard deviation, more than 0
 * @param low least value, finite
 * @param high largest value, finite, more than {@code low}
 */
public record TruncatedNormal(double mean, double deviation, double low, double high)
    implements Initializer {
  /** Tries count in the upper bits of the step, which training does not reach. */
  private static final int TRY_SHIFT = 40;

  public TruncatedNormal {
    if (!(deviation > 0 && low < high && Double.isFinite(high - low))) {
      throw new IllegalArgumentException(
          "truncated normal: expected a deviation > 0 and finite low < high, got "
              + deviation
              + ", "
              + low
              + ", "
              + high);
    }
  }

  /** Normal numbers within two deviations of 0. */
  public TruncatedNormal(double deviation) {
    this(0, deviation, -2 * deviation, 2 * deviation);
  }

  @Override
  public void fill(Tensor tensor, CounterRandom random) {
    int[] words = new int[4];
    for (int i = 0; i < tensor.elements(); i++) {
      tensor.set(i, next(random, i, words));
    }
  }

  private double next(CounterRandom random, int index, int[] words) {
    double densest = (Math.clamp(mean, low, high) - mean) / deviation;
    for (long tries = 0; ; tries++) {
      long step = random.step() + (tries << TRY_SHIFT);
      new CounterRandom(random.seed(), step, random.stream()).words(index, words);
      double value = low + (high - low) * CounterRandom.uniform(words, 0);
      double score = (value - mean) / deviation;
      double relative = StrictMath.exp((densest * densest - score * score) / 2);
      if (CounterRandom.uniform(words, 2) < relative) {
        return value;
      }
    }
  }
}
