package dev.nagare.optim.schedule;

import java.util.List;

/**
 * Falls by a factor at each milestone: {@code first · factor^n}, n the number of milestones that
 * are at most {@code step}. Source: {@code torch.optim.lr_scheduler.MultiStepLR}.
 *
 * @param first rate of step 0
 * @param milestones steps that begin with a fall, more than 0 and rising
 * @param factor of each fall, more than 0; PyTorch's default is 0.1
 */
public record MultiStep(double first, List<Long> milestones, double factor)
    implements LearningRate {

  public MultiStep {
    milestones = List.copyOf(milestones);
    Milestones.requireRising("multi-step", milestones);
    if (!(factor > 0)) {
      throw new IllegalArgumentException("multi-step: expected a factor > 0, got " + factor);
    }
  }

  @Override
  public double at(long step) {
    return first * StrictMath.pow(factor, Milestones.reached(milestones, step));
  }
}
