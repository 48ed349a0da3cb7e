package dev.nagare.streaming.batch;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

/**
 * The thread that gives up what waits beyond its deadline. It has nothing else to do, so that a
 * deadline fires in time whatever the lanes are at.
 */
final class Deadlines {
  /** Whoever comes is to wake the thread: it has not yet said until when it sleeps. */
  private static final long AWAKE = Long.MAX_VALUE;

  private final LongUnaryOperator expire;
  private final LongSupplier clock;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("nagare-deadlines").unstarted(this::run);

  /** By the batcher's clock. */
  private volatile long sleepsUntil = AWAKE;

  private volatile boolean ended;

  /**
   * Prepares the thread.
   *
   * @param expire gives up what is overdue at a time, and says when to look again
   * @param clock of both
   */
  Deadlines(LongUnaryOperator expire, LongSupplier clock) {
    this.expire = expire;
    this.clock = clock;
  }

  void start() {
    thread.start();
  }

  /**
   * Says that a question with a deadline was queued; a full fence came between. Mostly does
   * nothing: the deadline is later than the next one.
   */
  void expect(long deadline) {
    if (deadline < sleepsUntil) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (!ended) {
      // Said before the look: what is queued after the look sees it, and wakes this thread.
      sleepsUntil = AWAKE;
      long next = expire.applyAsLong(clock.getAsLong());
      sleepsUntil = next;
      long nanos = next - clock.getAsLong();
      if (next == Schedule.NEVER) {
        LockSupport.park(this);
      } else if (nanos > 0) {
        LockSupport.parkNanos(this, nanos);
      }
    }
  }

  /** Ends the thread, and waits for that. */
  void end() {
    ended = true;
    LockSupport.unpark(thread);
    Lane.awaitEnd(thread);
  }
}
