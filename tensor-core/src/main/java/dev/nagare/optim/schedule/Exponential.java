package dev.nagare.optim.schedule;

/**
 * Falls by a factor at each step: {@code first · factor^step}. Source: {@code
 * torch.optim.lr_scheduler.ExponentialLR}.
 *
 * @param first rate of step 0
 * @param factor of each step, more than 0
 */
public record Exponential(double first, double factor) implements LearningRate {

  public Exponential {
    if (!(factor > 0)) {
      throw new IllegalArgumentException("exponential: expected a factor > 0, got " + factor);
    }
  }

  @Override
  public double at(long step) {
    return first * StrictMath.pow(factor, (double) step);
  }
}
