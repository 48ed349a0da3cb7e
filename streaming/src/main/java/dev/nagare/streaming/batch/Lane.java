package dev.nagare.streaming.batch;

import dev.nagare.streaming.StreamingObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A compute thread with its scratch memory: takes a batch, runs it, answers, and again.
 *
 * <p>A batch that fails fails its callers; the lane goes on.
 */
final class Lane {
  private static final int SPINS = 1_000;

  private final Batcher batcher;
  private final int maxBatchRows;
  private final StreamingObserver told;
  private final AtomicBoolean asleep = new AtomicBoolean();
  private final List<Question> batch = new ArrayList<>();
  private @Nullable Thread thread;

  Lane(Batcher batcher, int maxBatchRows, StreamingObserver told) {
    this.batcher = batcher;
    this.maxBatchRows = maxBatchRows;
    this.told = told;
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
    boolean interrupted = false;
    for (Thread running = thread; running != null && running.isAlive(); ) {
      try {
        running.join();
      } catch (InterruptedException e) {
        interrupted = true; // a lane ends by itself, and nobody may free memory before it has
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (var memory = new LaneMemory(maxBatchRows, told)) {
      while (!batcher.isDrained()) {
        batcher.take(batch);
        if (batch.isEmpty()) {
          await();
        } else {
          answer(memory);
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

  private void answer(LaneMemory memory) {
    try {
      batch.getFirst().model().answer(batch, memory);
    } catch (
        Throwable failure) { // whatever it is, it is the callers' to know and not the lane's end
      batch.forEach(question -> question.fail(failure));
    } finally {
      batch.clear();
      memory.reset();
    }
  }
}
