package dev.nagare.streaming;

/**
 * Told of what happens on the hot path, for metrics. Called from lanes and doors: must not block,
 * must not throw. All durations are in nanoseconds.
 */
public interface StreamingObserver {

  /** A batch ran on a lane. */
  default void batch(String model, int rows, long computeNanos) {}

  /** A request left the queue for a lane. */
  default void dequeued(String model, long queueNanos) {}

  /** A request was refused: {@code queue-full}, {@code invalid}, {@code not-ready}. */
  default void refused(String model, String reason) {}

  /** A record was scored and learned. */
  default void learned(String model, long stepNanos) {}

  /** A record went to the dead-letter topic. */
  default void deadLetter(String model) {}

  /** A version was published, after this long a pause for no reader. */
  default void published(String model, long version) {}
}
