package dev.nagare.streaming.batch;

import dev.nagare.models.online.ModelSnapshot;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
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
  private float[] answers = new float[0];
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
    try (var rows = new Scope(1 << 16);
        var scratch = new Scope(1 << 20)) {
      while (!batcher.isDrained()) {
        batcher.take(batch);
        if (batch.isEmpty()) {
          await();
        } else {
          answer(rows, scratch);
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

  private void answer(Scope rows, Scope scratch) {
    Question first = batch.getFirst();
    int closed = 0;
    int answered = 0;
    try {
      long started = System.nanoTime();
      Tensor windows =
          rows.empty(DType.F32, Shape.of(count(), first.windows().dim(1), first.windows().dim(2)));
      long row = 0;
      for (Question question : batch) {
        told.dequeued(question.model().name(), started - question.queuedNanos());
        windows.narrow(row, question.rows()).copyFrom(question.windows());
        row += question.rows();
        closed++;
        question.request().close();
      }
      Publication.Published published = first.model().publication().lease();
      try {
        run(published.snapshot(), windows, rows, scratch);
      } finally {
        published.snapshot().release();
      }
      told.batch(first.model().name(), (int) row, System.nanoTime() - started);
      int values = published.snapshot().signature().outputElements();
      int at = 0;
      for (Question question : batch) {
        int end = at + question.rows() * values;
        var answer = Answers.of(question, published, Arrays.copyOfRange(answers, at, end));
        answered++;
        question.answer().complete(answer);
        at = end;
      }
    } catch (
        Throwable failure) { // whatever it is, it is the callers' to know and not the lane's end
      fail(closed, answered, failure);
    } finally {
      batch.clear();
      rows.reset();
      scratch.reset();
    }
  }

  private int count() {
    int rows = 0;
    for (Question question : batch) {
      rows += question.rows();
    }
    return rows;
  }

  /** In parts of at most a batch, which matters for one large question only. */
  private void run(ModelSnapshot snapshot, Tensor windows, Scope rows, Scope scratch) {
    long count = windows.dim(0);
    Tensor out = rows.empty(DType.F32, Shape.of(count, snapshot.signature().outputElements()));
    for (long row = 0; row < count; row += maxBatchRows) {
      long part = Math.min(maxBatchRows, count - row);
      snapshot.answer(windows.narrow(row, part), out.narrow(row, part), scratch);
      scratch.reset();
    }
    if (answers.length < out.elements()) {
      answers = new float[Math.toIntExact(out.elements())];
    }
    out.copyTo(answers, 0);
  }

  private void fail(int closed, int answered, Throwable failure) {
    for (int i = 0; i < batch.size(); i++) {
      Question question = batch.get(i);
      if (i >= closed) {
        question.request().close();
      }
      if (i >= answered) {
        question.answer().completeExceptionally(failure);
      }
    }
  }
}
