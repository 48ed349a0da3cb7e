package dev.nagare.streaming.batch;

import dev.nagare.streaming.StreamingObserver;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The thread of the doors, which reads many requests in one go: afterwards it computes by itself
 * what is quickly done, since waking another thread and being woken by it would cost more, and
 * wakes a lane for the rest, once.
 *
 * <p>On an only processor a lane that was woken at once would take it from whoever still reads, and
 * find one question at a time.
 *
 * <p>For that thread, but for {@link #close}, {@link #tell}, and {@link #asked}, which says to
 * others that it is not theirs.
 */
final class DoorLane implements AutoCloseable {
  /** What it computes in one go: about what two threads cost that wake each other. */
  private static final long MOST_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private static final boolean ONLY_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;

  private final Batcher batcher;
  private final Turns turns;
  private final Thread thread;
  private final Executor afterwards;
  private final Runnable serve = this::serve;
  private boolean announced;
  private long askedNanos;
  private volatile boolean closed;

  DoorLane(
      Batcher batcher,
      int maxBatchRows,
      StreamingObserver told,
      Thread thread,
      Executor afterwards) {
    this.batcher = batcher;
    this.turns = new Turns(batcher, maxBatchRows, told);
    this.thread = thread;
    this.afterwards = afterwards;
  }

  /**
   * A question was queued.
   *
   * @param nanos of lane time that it may take
   * @return false if this thread will not look after it
   */
  boolean asked(long nanos) {
    if (!isHere()) {
      return false;
    }
    if (!announced) {
      try {
        afterwards.execute(serve);
      } catch (RejectedExecutionException e) {
        return false; // that thread is about to end
      }
      announced = true;
      askedNanos = 0;
    }
    askedNanos += nanos;
    // Enough for a lane, which has a processor of its own: it may begin while others are read.
    return ONLY_PROCESSOR || askedNanos <= MOST_NANOS;
  }

  /** Whether this is the thread of the doors, and looks after what it asks. */
  boolean isHere() {
    return Thread.currentThread() == thread && !closed;
  }

  /**
   * Tells those callers of a batch on the thread of the doors who asked there, and the others here.
   * A lane that told one after the other would give its processor away to that thread for each.
   *
   * @return false if that thread tells nobody any more, and nobody was told
   */
  boolean tell(List<Question> batch) {
    if (closed || Thread.currentThread() == thread) {
      return false;
    }
    Question[] theirs = new Question[batch.size()];
    int count = 0;
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i).isOfDoors()) {
        theirs[count++] = batch.get(i);
      }
    }
    if (count > 0) {
      int last = count;
      try {
        afterwards.execute(() -> tell(theirs, last));
      } catch (RejectedExecutionException e) {
        return false;
      }
    }
    for (int i = 0; i < batch.size(); i++) {
      if (!batch.get(i).isOfDoors()) {
        batch.get(i).tell();
      }
    }
    return true;
  }

  private static void tell(Question[] questions, int count) {
    for (int i = 0; i < count; i++) {
      questions[i].tell();
    }
  }

  private void serve() {
    announced = false;
    long left = closed ? 0 : MOST_NANOS;
    while (left > 0 && turns.take(left)) {
      left -= turns.ranNanos(); // answers are sent by this thread, whoever computes them
    }
    if (batcher.hasWork()) {
      batcher.wakeOne();
    }
  }

  /** From now on lanes do all; the memory is freed by the thread that uses it. */
  @Override
  public void close() {
    closed = true;
    try {
      afterwards.execute(turns::close);
    } catch (RejectedExecutionException e) {
      turns.close(); // the thread has ended
    }
  }
}
