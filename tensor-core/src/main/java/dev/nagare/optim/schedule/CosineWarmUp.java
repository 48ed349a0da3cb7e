package dev.nagare.optim.schedule;

/**
 * Rises along half a cosine to another schedule's first rate, then follows it from its beginning:
 * step k of n has the fraction {@code (1 - cos(π · (k + 1) / n)) / 2}. The first step already
 * moves. Flat at both ends, where {@link LinearWarmUp} has a corner. PyTorch has it only as the
 * rise of {@code OneCycleLR}.
 *
 * @param steps of the rise; 0 for none
 * @param then what follows
 */
public record CosineWarmUp(long steps, LearningRate then) implements LearningRate {

  public CosineWarmUp {
    if (steps < 0) {
      throw new IllegalArgumentException("cosine warm-up: steps must be 0 or more, got " + steps);
    }
  }

  @Override
  public double at(long step) {
    if (step >= steps) {
      return then.at(step - steps);
    }
    return then.at(0) * (1 - StrictMath.cos(Math.PI * (step + 1) / steps)) / 2;
  }
}
