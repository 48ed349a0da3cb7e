package dev.nagare.optim.schedule;

import java.util.List;

/**
 * Schedules one after another, each from its own beginning: {@code schedules[n].at(step -
 * milestones[n - 1])}, n the number of milestones that are at most {@code step}. Source: {@code
 * torch.optim.lr_scheduler.SequentialLR}.
 *
 * @param schedules one or more
 * @param milestones first steps of all schedules but the first, more than 0 and rising
 */
public record Sequential(List<LearningRate> schedules, List<Long> milestones)
    implements LearningRate {

  public Sequential {
    schedules = List.copyOf(schedules);
    milestones = List.copyOf(milestones);
    Milestones.requireRising("sequential", milestones);
    if (schedules.size() != milestones.size() + 1) {
      throw new IllegalArgumentException(
          "sequential: expected a milestone between each two schedules, got "
              + schedules.size()
              + " schedules and "
              + milestones.size()
              + " milestones");
    }
  }

  @Override
  public double at(long step) {
    int reached = Milestones.reached(milestones, step);
    long begun = reached == 0 ? 0 : milestones.get(reached - 1);
    return schedules.get(reached).at(step - begun);
  }
}
