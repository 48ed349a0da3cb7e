package dev.nagare.nn.loss;

/** Mean of the absolute differences; the slope at 0 is 0. Source: {@code torch.nn.L1Loss}. */
public final class MaeLoss extends Loss {

  /** Creates the loss. */
  public MaeLoss() {}

  @Override
  double value(double difference) {
    return Math.abs(difference);
  }

  @Override
  double slope(double difference) {
    return Math.signum(difference);
  }
}
