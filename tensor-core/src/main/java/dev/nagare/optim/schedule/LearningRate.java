package dev.nagare.optim.schedule;

/** A learning rate for each step. Implementations are immutable. */
@FunctionalInterface
public interface LearningRate {

  /**
   * The rate of a step.
   *
   * @param step number of steps taken before it, 0 or more
   */
  double at(long step);
}
