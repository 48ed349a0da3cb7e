package dev.nagare.streaming.protocol;

/** A request that is refused: what was expected, what came, and the HTTP status that says so. */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final boolean malformed;

  /**
   * Creates a refusal.
   *
   * @param status HTTP status: 400, 404, 413, 429, 501 or 503
   * @param message for the caller; says what was expected and what was got
   */
  public ProtocolException(int status, String message) {
    this(status, message, false);
  }

  private ProtocolException(int status, String message, boolean malformed) {
    super(message, null, false, false);
    this.status = status;
    this.malformed = malformed;
  }

  /** A refusal of a text that is not JSON, or not the whole of it. */
  static ProtocolException malformed(String message) {
    return new ProtocolException(400, "malformed JSON: " + message, true);
  }

  /** The HTTP status that fits. */
  public int status() {
    return status;
  }

  /** Whether the text is not JSON at all, rather than JSON that says something else. */
  public boolean isMalformed() {
    return malformed;
  }
}
