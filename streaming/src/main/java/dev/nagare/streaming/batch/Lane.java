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
  private final List<Question> late = new ArrayList<>();

  /**
   * When the batch at hand is expected to end, by the batcher's clock; in the past if there is
   * none.
   */
  private volatile long endsAt;

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
    try (var memory = new LaneMemory(maxBatchRows, told)) {
      while (!batcher.isDrained()) {
        batcher.take(batch, late);
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

  /** How long the batch at hand will still take, as far as anybody knows; 0 if there is none. */
  long leftNanos(long now) {
    return Math.max(0, endsAt - now);
  }

  private void answer(LaneMemory memory) {
    Line line = batch.getFirst().line();
    long work = 0;
    for (int i = 0; i < batch.size(); i++) {
      work += batch.get(i).work();
    }
    long began = batcher.now();
    endsAt = began + line.cost().nanos(work);
    try {
      line.model().answer(batch, memory);
      long ended = batcher.now();
      line.ran(work, ended - began, ended);
      line.tell(told);
    } catch (
        Throwable failure) { // whatever it is, it is the callers' to know and not the lane's end
      batch.forEach(question -> question.fail(failure));
    } finally {
      endsAt = began;
      batch.clear();
      memory.reset();
    }
  }
}
