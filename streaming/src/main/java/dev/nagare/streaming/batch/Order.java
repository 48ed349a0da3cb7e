package dev.nagare.streaming.batch;

import dev.nagare.streaming.Terms;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jctools.queues.MpscArrayQueue;

/**
 * The way of questions from the doors into an order: a queue without locks, into which any number
 * of doors put them, and a flag whose holder is the queue's one consumer and has the {@link
 * Schedule}. It is held for as long as it takes to move references, so that a lane sees what comes
 * next before it takes it.
 *
 * <p>Safe for any thread. Doors never block.
 */
final class Order {
  private static final int SPINS = 256;
  private static final int MOST_TRIES = 4096;

  /** Places between the doors and the order; what is in order has none. */
  private static final int MOST_PLACES = 1 << 16;

  private static final int LEAST_PLACES = 1 << 8;

  /** How long somebody who may wait does so for the flag. */
  static final long PATIENCE_NANOS = 20_000;

  private final MpscArrayQueue<Question> queue;
  private final AtomicBoolean taking = new AtomicBoolean();
  private final Schedule schedule;
  private final LongSupplier clock;
  private final Runnable wakeOne;

  /** Whether the schedule has something; written by the flag's holder before it lets go. */
  private volatile boolean ordered;

  /**
   * With nothing in it.
   *
   * @param rows that may wait in all
   * @param maxBatchRows most rows in a batch
   * @param clock of due times
   * @param wakeOne wakes a lane that sleeps
   */
  Order(long rows, int maxBatchRows, LongSupplier clock, Runnable wakeOne) {
    // Each question has a row, so this is room for all that may wait, if that is not very many.
    this.queue = new MpscArrayQueue<>(Math.clamp(rows, LEAST_PLACES, MOST_PLACES));
    this.schedule = new Schedule(maxBatchRows);
    this.clock = clock;
    this.wakeOne = wakeOne;
  }

  /** Whether there is something to take. */
  boolean hasWork() {
    return ordered || !queue.isEmpty();
  }

  /** Puts a question into the queue; false if there are too many callers at once. */
  boolean offer(Question question) {
    return queue.offer(question) || offerAgain(question);
  }

  /**
   * Makes places in a queue that is full, of those who left above all, by putting in order what is
   * in it. Tries a few times, since whoever holds the flag meanwhile does the same.
   */
  private boolean offerAgain(Question question) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      if (tryFlag()) {
        try {
          order();
        } finally {
          letGo();
        }
        wakeIfWork();
      } else {
        Thread.onSpinWait();
      }
      if (queue.offer(question)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Moves the next batch into the list, which stays empty if nothing waits.
   *
   * @param mostNanos what the batch may cost, see {@link Schedule#next}
   * @param late takes what is too late for an answer
   * @return false if another thread is at it, which takes what there is
   */
  boolean take(long mostNanos, List<Question> batch, List<Question> late) {
    if (!tryFlag()) {
      return false;
    }
    try {
      order();
      schedule.next(clock.getAsLong(), mostNanos, batch, late);
    } finally {
      letGo();
    }
    return true;
  }

  /**
   * Moves what is overdue into the list, once it has the flag.
   *
   * @return the next deadline
   */
  long expire(long now, List<Question> overdue) {
    awaitFlag();
    long next;
    try {
      order();
      next = schedule.expire(now, overdue);
    } finally {
      letGo();
    }
    wakeIfWork();
    return next;
  }

  /** How many questions of a line wait, once it has the flag: for who asks seldom. */
  int waiting(Line line) {
    awaitFlag();
    int waiting;
    try {
      order();
      waiting = schedule.waiting(line);
    } finally {
      letGo();
    }
    wakeIfWork();
    return waiting;
  }

  /** Moves all of a class into the list; does nothing if another thread has the flag. */
  void giveUp(Terms.Priority priority, List<Question> gone) {
    if (!tryFlag()) {
      return;
    }
    try {
      order();
      schedule.giveUp(priority, gone);
    } finally {
      letGo();
    }
    wakeIfWork();
  }

  private void awaitFlag() {
    while (!tryFlag()) {
      LockSupport.parkNanos(this, PATIENCE_NANOS);
    }
  }

  private boolean tryFlag() {
    for (int spins = 0; !taking.compareAndSet(false, true); spins++) {
      if (spins > SPINS) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  /** Puts in order what the doors have queued. */
  private void order() {
    // Relaxed: a door that was stopped between claiming a place and filling it holds nobody up.
    for (Question next = queue.relaxedPoll(); next != null; next = queue.relaxedPoll()) {
      if (next.waits()) {
        schedule.add(next);
      }
    }
  }

  private void letGo() {
    ordered = !schedule.isEmpty();
    taking.set(false);
  }

  /**
   * Whoever is no lane and has put questions in order stands in for the doors that queued them: for
   * a moment a lane could see them neither in the queue nor in order, and fall asleep. Either this
   * thread sees the lane's announcement, or the lane sees {@link #ordered}: both are volatile.
   */
  private void wakeIfWork() {
    if (ordered) {
      wakeOne.run();
    }
  }
}
