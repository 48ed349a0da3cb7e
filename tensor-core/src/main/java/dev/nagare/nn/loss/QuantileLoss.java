package dev.nagare.nn.loss;

/**
 * Mean of {@code max(q·(target - prediction), (q - 1)·(target - prediction))}, the pinball loss: a
 * prediction that minimises it is above the target in a fraction q of the cases. The slope at 0 is
 * 0. With {@code q = 0.5} it is half of {@link MaeLoss}. Source: Koenker and Bassett (1978);
 * PyTorch has none.
 */
public final class QuantileLoss extends Loss {
  private final double quantile;

  /**
   * Creates the loss.
   *
   * @param quantile in (0, 1)
   */
  public QuantileLoss(double quantile) {
    if (!(quantile > 0 && quantile < 1)) {
      throw new IllegalArgumentException(
          "quantile loss: expected a quantile in (0, 1), got " + quantile);
    }
    this.quantile = quantile;
  }

  @Override
  double value(double difference) {
    return difference > 0 ? (1 - quantile) * difference : -quantile * difference;
  }

  @Override
  double slope(double difference) {
    if (difference == 0) {
      return 0;
    }
    return difference > 0 ? 1 - quantile : -quantile;
  }
}
