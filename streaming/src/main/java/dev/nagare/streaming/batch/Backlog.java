package dev.nagare.streaming.batch;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How much lane time what waits will take, by class, urgency and due time: what a door needs to
 * know to say how long a question would wait behind those that go before it, without looking at the
 * queue.
 *
 * <p>Due times are kept in steps of 33 ms, from two seconds ago to two seconds ahead; what is due
 * later is kept together. Each question takes away exactly what it brought, so an empty queue is
 * exactly 0.
 *
 * <p>Safe for any thread.
 */
final class Backlog {
  /** A step is 2^25 ns. */
  private static final int STEP_BITS = 25;

  private static final int STEPS = 128;

  /** How many steps are ahead; the others hold what is overdue. */
  private static final int AHEAD = STEPS / 2;

  /** A ring of steps, what is due later, and the sum of all. */
  private static final int LATER = STEPS;

  private static final int ALL = STEPS + 1;
  private static final int RING = STEPS + 2;

  private final AtomicLongArray nanos = new AtomicLongArray(RING * Question.RANKS);

  /**
   * Adds a question.
   *
   * @param rank class and urgency, {@link Question#rank}
   * @return where, for {@link #remove}
   */
  int add(int rank, long due, long now, long costNanos) {
    int ring = rank * RING;
    int at = ring + (beyond(due, now) ? LATER : step(due));
    nanos.addAndGet(at, costNanos);
    nanos.addAndGet(ring + ALL, costNanos);
    return at;
  }

  /** Takes away what was added. */
  void remove(int at, long costNanos) {
    nanos.addAndGet(at, -costNanos);
    nanos.addAndGet(at - at % RING + ALL, -costNanos);
  }

  /** What waits of one rank. */
  long all(int rank) {
    return nanos.get(rank * RING + ALL);
  }

  /** What waits of one rank and is due no later, to a step. */
  long dueBy(int rank, long due, long now) {
    int ring = rank * RING;
    long sum = nanos.get(ring + ALL);
    if (sum == 0 || beyond(due, now)) {
      return sum;
    }
    // Subtracted, so that what is overdue counts as well.
    sum -= nanos.get(ring + LATER);
    long last = (now >> STEP_BITS) + AHEAD;
    for (long step = (Math.max(due, now) >> STEP_BITS) + 1; step < last && sum > 0; step++) {
      sum -= nanos.get(ring + (int) (step & (STEPS - 1)));
    }
    return Math.max(0, sum);
  }

  private static boolean beyond(long due, long now) {
    return (due >> STEP_BITS) >= (now >> STEP_BITS) + AHEAD;
  }

  private static int step(long due) {
    return (int) ((due >> STEP_BITS) & (STEPS - 1));
  }
}
