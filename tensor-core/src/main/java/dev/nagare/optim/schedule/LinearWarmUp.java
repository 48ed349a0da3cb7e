package dev.nagare.optim.schedule;

/**
 * Rises linearly to another schedule's first rate, then follows it from its beginning.
 *
 * <p>Step k of n has the fraction {@code (k + 1) / n}: the first step already moves. Adam's second
 * moment needs it; Ma and Yarats (2021) suggest {@code n = 2 / (1 - β2)}.
 *
 * @param steps of the rise; 0 for none
 * @param then what follows
 */
public record LinearWarmUp(long steps, LearningRate then) implements LearningRate {

  public LinearWarmUp {
    if (steps < 0) {
      throw new IllegalArgumentException("warm-up: steps must be 0 or more, got " + steps);
    }
  }

  @Override
  public double at(long step) {
    return step < steps ? then.at(0) * (step + 1) / steps : then.at(step - steps);
  }
}
