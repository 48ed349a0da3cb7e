package dev.nagare.nn.loss;

/**
 * Mean of {@code ½d²} where {@code |d| ≤ δ}, else {@code δ(|d| - ½δ)}: one burst moves the weights
 * no more than a difference of δ would. Source: Huber (1964); {@code torch.nn.HuberLoss}.
 */
public final class HuberLoss extends Loss {
  private final double delta;

  /**
   * Creates the loss.
   *
   * @param delta where it turns from quadratic to linear, more than 0; PyTorch's default is 1
   */
  public HuberLoss(double delta) {
    if (!(delta > 0)) {
      throw new IllegalArgumentException("huber loss: delta must be more than 0, got " + delta);
    }
    this.delta = delta;
  }

  @Override
  double value(double difference) {
    double size = Math.abs(difference);
    return size <= delta ? 0.5 * size * size : delta * (size - 0.5 * delta);
  }

  @Override
  double slope(double difference) {
    return Math.clamp(difference, -delta, delta);
  }
}
