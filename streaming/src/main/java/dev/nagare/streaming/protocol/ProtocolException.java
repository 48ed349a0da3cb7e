package dev.nagare.streaming.protocol;

/** A request that is refused: what was expected, what came, and the HTTP status that says so. */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * Creates a refusal.
   *
   * @param status HTTP status: 400, 404, 413, 429, 501 or 503
   * @param message for the caller; says what was expected and what was got
   */
  public ProtocolException(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  /** The HTTP status that fits. */
  public int status() {
    return status;
  }
}
