package dev.nagare.streaming.protocol;

/** A request that is refused: what was expected, what came, and the HTTP status that says so. */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final boolean malformed;
  private final long retryAfterMillis;

  /**
   * Creates a refusal.
   *
   * @param status HTTP status: 400, 404, 409, 413, 415, 429, 499, 501, 503 or 504
   * @param message for the caller; says what was expected and what was got
   */
  public ProtocolException(int status, String message) {
    this(status, message, false, 0);
  }

  private ProtocolException(int status, String message, boolean malformed, long retryAfterMillis) {
    super(message, null, false, false);
    this.status = status;
    this.malformed = malformed;
    this.retryAfterMillis = retryAfterMillis;
  }

  /**
   * A refusal because of what others have asked for: status 429.
   *
   * @param retryAfterMillis when another attempt is worth it; 0 if nobody knows
   */
  public static ProtocolException busy(String message, long retryAfterMillis) {
    return new ProtocolException(429, message, false, Math.max(0, retryAfterMillis));
  }

  /** A refusal of a text that is not JSON, or not the whole of it. */
  static ProtocolException malformed(String message) {
    return new ProtocolException(400, "malformed JSON: " + message, true, 0);
  }

  /** The HTTP status that fits. */
  public int status() {
    return status;
  }

  /** When another attempt is worth it, in milliseconds from now; 0 if nobody knows. */
  public long retryAfterMillis() {
    return retryAfterMillis;
  }

  /** Whether the text is not JSON at all, rather than JSON that says something else. */
  public boolean isMalformed() {
    return malformed;
  }
}
