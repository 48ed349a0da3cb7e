package dev.nagare.streaming;

import java.util.Locale;

/** Why a label is {@link Fate#INVALID}. */
public enum LabelFault {
  /** It is no label, or not of one of the model's classes. */
  MALFORMED,
  /** It has not one class for each row of its prediction. */
  ROWS,
  /** Its prediction was asked for by another principal. */
  OWNER;

  /** As metrics spell it, such as {@code owner}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
