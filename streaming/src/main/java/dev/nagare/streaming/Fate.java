package dev.nagare.streaming;

import java.util.Locale;

/** What becomes of a label; each has exactly one fate. */
public enum Fate {
  /** It met its prediction: an example was made of both. */
  JOINED,
  /** Its prediction is forgotten: too old, or too many came after it. */
  LATE,
  /** Its prediction had its label already. */
  REPEATED,
  /** It is of no prediction. */
  UNMATCHED,
  /**
   * It is not a label, not one of the model's classes, or not from whom the prediction belongs to;
   * its prediction goes on waiting. Which of these, {@link LabelFault} says.
   */
  INVALID;

  /** As metrics and headers spell it, such as {@code joined}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
