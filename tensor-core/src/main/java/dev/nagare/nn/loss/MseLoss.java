package dev.nagare.nn.loss;

/** Mean of the squared differences. Source: {@code torch.nn.MSELoss}. */
public final class MseLoss extends Loss {

  /** Creates the loss. */
  public MseLoss() {}

  @Override
  double value(double difference) {
    return difference * difference;
  }

  @Override
  double slope(double difference) {
    return 2 * difference;
  }
}
