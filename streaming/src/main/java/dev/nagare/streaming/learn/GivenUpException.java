package dev.nagare.streaming.learn;

/** Somebody asked for the end while a checkpoint was made again: nothing came of it. */
final class GivenUpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GivenUpException() {
    super(null, null, false, false);
  }
}
