package dev.nagare.nn;

/**
 * How long one thread waits busily before it sleeps.
 *
 * <p>Being woken costs a thread, and the one that wakes it, some tens of microseconds each. Where
 * the last wait ended within {@link #MOST}, asleep or not, work flows, and the next may be busy for
 * that long, though no longer than the thread has worked since it last slept. Where it did not,
 * there are pauses, and the thread sleeps after {@link #LEAST}: who has nothing to do burns
 * nothing.
 *
 * <p>Times are in nanoseconds and are told, not measured. Belongs to one thread.
 */
final class Patience {
  /** What a wait may always burn: about what sleeping would. */
  static final long LEAST = 20_000;

  /** The longest busy wait: serial work between two parallel parts of a step is mostly shorter. */
  static final long MOST = 300_000;

  private final boolean room;
  private boolean soon;
  private long worked;

  /**
   * Begins with the least.
   *
   * @param room whether each thread can have a processor; where it cannot, a busy thread keeps whom
   *     it waits for from working
   */
  Patience(boolean room) {
    this.room = room;
  }

  /** How long the wait that begins now may be busy. */
  long budget() {
    return room && soon ? Math.clamp(worked, LEAST, MOST) : LEAST;
  }

  /** The thread has computed for so long. */
  void worked(long nanos) {
    worked += nanos;
  }

  /** A wait has ended after so long; past its budget it was slept through. */
  void waited(long nanos) {
    if (nanos > budget()) {
      worked = 0;
    }
    soon = nanos <= MOST;
  }
}
