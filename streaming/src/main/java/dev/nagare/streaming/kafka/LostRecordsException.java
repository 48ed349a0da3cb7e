package dev.nagare.streaming.kafka;

/** The log no longer has the records that a reader must read next; reading on would skip some. */
public final class LostRecordsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LostRecordsException(String message, Throwable cause) {
    super(message, cause);
  }
}
