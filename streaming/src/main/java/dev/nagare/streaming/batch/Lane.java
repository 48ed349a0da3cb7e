package dev.nagare.streaming.batch;

import dev.nagare.streaming.StreamingObserver;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A compute thread: takes its {@link Turns}, and sleeps when there is nothing to do. */
final class Lane {
  /** Looks before it sleeps; on an only processor they would keep away whoever brings work. */
  private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 1_000 : 0;

  private final Batcher batcher;
  private final Turns turns;
  private final AtomicBoolean asleep = new AtomicBoolean();
  private @Nullable Thread thread;

  Lane(Batcher batcher, int maxBatchRows, StreamingObserver told) {
    this.batcher = batcher;
    this.turns = new Turns(batcher, maxBatchRows, told);
  }

  void start(ThreadFactory threads) {
    Thread started = threads.newThread(this::run);
    thread = started;
    started.start();
  }

  /** Wakes the lane if it announced its sleep; false if it is at work or was woken already. */
  boolean wakeIfAsleep() {
    if (asleep.get() && asleep.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
      return true;
    }
    return false;
  }

  /** Wakes the lane whatever it does. */
  void wake() {
    asleep.set(false);
    LockSupport.unpark(thread);
  }

  void join() {
    Thread started = thread;
    if (started != null) {
      awaitEnd(started);
    }
  }

  /** Waits for a thread that ends by itself. */
  static void awaitEnd(Thread running) {
    boolean interrupted = false;
    while (running.isAlive()) {
      try {
        running.join();
      } catch (InterruptedException e) {
        interrupted = true; // nobody may free memory before it has ended
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (turns) {
      while (!batcher.isDrained()) {
        if (!turns.take(Schedule.NEVER)) {
          await();
        }
      }
    }
  }

  private void await() {
    for (int spins = 0; spins < SPINS; spins++) {
      if (batcher.hasWork()) {
        return;
      }
      Thread.onSpinWait();
    }
    asleep.set(true);
    // Looked at again after the announcement: what came before it would wake nobody.
    while (asleep.get() && !batcher.hasWork() && !batcher.isDrained()) {
      LockSupport.park(this);
    }
    asleep.set(false);
  }

  /** How long the batch at hand will still take, as far as anybody knows; 0 if there is none. */
  long leftNanos(long now) {
    return turns.leftNanos(now);
  }
}
