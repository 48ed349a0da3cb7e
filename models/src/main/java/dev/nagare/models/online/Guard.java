package dev.nagare.models.online;

/** Why a step was taken back; see {@link OnlineConfig.Guards}. */
public enum Guard {
  /** A loss, gradient or weight was infinite or not a number. */
  NON_FINITE("non-finite"),
  /** The loss was far above its running mean. */
  LOSS_SPIKE("loss-spike"),
  /** The step multiplied the norm of the weights. */
  NORM_JUMP("norm-jump"),
  /** The model did worse than the baseline that costs nothing. */
  WORSE_THAN_BASELINE("worse-than-baseline");

  private final String reason;

  Guard(String reason) {
    this.reason = reason;
  }

  /** As metrics, dead letters and documents call it, such as {@code loss-spike}. */
  public String reason() {
    return reason;
  }
}
