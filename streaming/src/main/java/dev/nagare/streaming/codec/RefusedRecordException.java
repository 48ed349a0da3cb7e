package dev.nagare.streaming.codec;

import dev.nagare.streaming.Refusal;

/** A record that cannot be read: what was expected and what was got. */
public final class RefusedRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Refusal refusal;

  /**
   * Creates a refusal.
   *
   * @param refusal the kind, as it is counted
   * @param message for the person who reads the dead letter
   */
  public RefusedRecordException(Refusal refusal, String message) {
    super(message, null, false, false);
    this.refusal = refusal;
  }

  /** The kind, as it is counted. */
  public Refusal refusal() {
    return refusal;
  }
}
