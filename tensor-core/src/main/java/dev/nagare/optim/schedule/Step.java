package dev.nagare.optim.schedule;

/**
 * Falls by a factor after each period: {@code first · factor^⌊step / period⌋}. Source: {@code
 * torch.optim.lr_scheduler.StepLR}.
 *
 * @param first rate of step 0
 * @param period steps between two falls, more than 0
 * @param factor of each fall, more than 0; PyTorch's default is 0.1
 */
public record Step(double first, long period, double factor) implements LearningRate {

  public Step {
    if (period <= 0 || !(factor > 0)) {
      throw new IllegalArgumentException(
          "step: expected a period > 0 and a factor > 0, got " + period + " and " + factor);
    }
  }

  @Override
  public double at(long step) {
    long falls = step / period;
    return first * StrictMath.pow(factor, (double) falls);
  }
}
