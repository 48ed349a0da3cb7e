package dev.nagare.optim.schedule;

/**
 * The same rate for ever.
 *
 * @param rate of every step
 */
public record Constant(double rate) implements LearningRate {

  @Override
  public double at(long step) {
    return rate;
  }
}
