package dev.nagare.streaming;

import java.util.Locale;

/** Why a record went to the dead-letter topic. */
public enum Refusal {
  /** The record has no value. */
  EMPTY,
  /** The value is not what its format says: broken JSON, an open quote. */
  MALFORMED,
  /** A field is missing, has the wrong type or shape, or is not finite. */
  SCHEMA,
  /** The label is missing, no number, or no known class. */
  LABEL,
  /** The value is larger than the limit. */
  OVERSIZE,
  /** The record names another model. */
  UNKNOWN_MODEL,
  /** The request could not be answered. */
  FAILED,
  /** A guard took the step back. */
  QUARANTINED;

  /** As metrics and headers spell it, such as {@code unknown-model}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
