package dev.nagare.streaming.kafka;

/** The log no longer has the records that a reader must read next; reading on would skip some. */
public final class LostRecordsException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** Says which records there are, and which are wanted. */
  public LostRecordsException(String message) {
    super(message);
  }

  LostRecordsException(String message, Throwable cause) {
    super(message, cause);
  }
}
