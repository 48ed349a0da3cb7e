package dev.nagare.optim.schedule;

import java.util.List;

/** Steps at which a schedule changes, more than 0 and rising. */
final class Milestones {
  private Milestones() {}

  static void requireRising(String schedule, List<Long> milestones) {
    long before = 0;
    for (long milestone : milestones) {
      if (milestone <= before) {
        throw new IllegalArgumentException(
            schedule + ": expected milestones > 0 and rising, got " + milestones);
      }
      before = milestone;
    }
  }

  /** How many are at most {@code step}. */
  static int reached(List<Long> milestones, long step) {
    int reached = 0;
    while (reached < milestones.size() && milestones.get(reached) <= step) {
      reached++;
    }
    return reached;
  }
}
