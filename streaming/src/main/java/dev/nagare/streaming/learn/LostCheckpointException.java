package dev.nagare.streaming.learn;

/** No copy of a checkpoint is left, and it cannot be made again from the log; says why. */
final class LostCheckpointException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  LostCheckpointException(String message) {
    super(message);
  }
}
