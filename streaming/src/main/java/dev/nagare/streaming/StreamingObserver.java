package dev.nagare.streaming;

/**
 * Told of what happens on the hot path, for metrics. Called from lanes and doors: must not block,
 * must not throw. All durations are in nanoseconds.
 */
public interface StreamingObserver {

  /** A batch of so many questions, of so many rows in all, ran on a lane. */
  default void batch(String model, int questions, int rows, long computeNanos) {}

  /**
   * A lane met a version for the first time; what that cost it, from asking for the snapshot to
   * having it, and giving it back after the batch.
   */
  default void metVersion(String model, long nanos) {}

  /** A request left the queue for a lane. */
  default void dequeued(String model, long queueNanos) {}

  /**
   * What is known of the cost of a model's batches, after one ran.
   *
   * @param workNanos for a unit of work: a row, or a token of a sequence
   * @param batchNanos for a batch, however small
   * @param mostWork that fits in the target, more than which no batch has now
   */
  default void cost(String model, double workNanos, double batchNanos, double mostWork) {}

  /**
   * A request was refused or given up: {@code queue-full}, {@code bytes}, {@code deadline-at-door},
   * {@code over-target}, {@code deadline-passed}, {@code cancelled}, {@code invalid}, {@code
   * not-ready}.
   */
  default void refused(String model, String reason) {}

  /**
   * A caller's request to a model that remembers its answers was looked up.
   *
   * @param known whether it was answered so
   */
  default void lookedUp(String model, boolean known, long nanos) {}

  /** A caller's request waits for the answer to another's that asks the same. */
  default void shared(String model) {}

  /** A step was taken, on a batch of so many records. */
  default void learned(String model, int examples, long stepNanos) {}

  /** A record went to the dead-letter topic. */
  default void deadLetter(String model, Refusal refusal) {}

  /** A guard took a step back: {@code non-finite}, {@code loss-spike}, and so on. */
  default void guarded(String model, String guard) {}

  /** Another process took over without being asked to. */
  default void fenced(String model) {}

  /** A checkpoint is in the registry; how long it took from the image to the commit. */
  default void checkpointed(String model, long nanos) {}

  /** A transaction of outputs was committed. */
  default void committed(String model, int records, long nanos) {}

  /** Labels met this fate, in a committed transaction. */
  default void labelled(String model, Fate fate, int labels) {}

  /** Labels were {@link Fate#INVALID} for this reason; they are told of as labelled as well. */
  default void invalidLabels(String model, LabelFault why, int labels) {}

  /**
   * A transaction of the join was committed.
   *
   * @param waiting predictions that wait for their label now
   * @param forgotten predictions that were forgotten without one since the last transaction
   */
  default void joined(String model, int waiting, int forgotten, long nanos) {}

  /** A version was published, after this long a pause for no reader. */
  default void published(String model, long version) {}

  /**
   * While a version is tried: a request that named no version, or a copy of it, was answered or
   * not.
   */
  default void tried(String model, Slot by, boolean answered, long nanos) {}

  /** While a version is tried: a label said whether a row's prediction was right. */
  default void scored(String model, Slot by, boolean right) {}

  /** A copy for a shadow was dropped, since there was no room or no time for it. */
  default void shadowDropped(String model) {}

  /**
   * The answers of a shadow and of the version that answers were compared.
   *
   * @param rows that have a likeliest class; 0 if they have none
   * @param agreeing those for which it is the same
   */
  default void compared(String model, int rows, int agreeing) {}

  /** A version could not be loaded: {@code memory}, {@code unusable}. */
  default void loadFailed(String model, String reason) {}

  /** What all versions of a model of the repository hold, by plan. */
  default void memory(String model, long bytes) {}
}
