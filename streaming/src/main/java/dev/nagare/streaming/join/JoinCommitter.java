package dev.nagare.streaming.join;

import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.kafka.OutputWriter;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes what labels have come to, in the order in which they were judged: all that waits goes out
 * in one transaction, with the offsets that the last of it came to. While one is committed, more
 * labels are judged, and the next collects. While the join is far behind, a transaction waits until
 * it is full: labels that have waited long come in larger pieces, each of which costs the same.
 *
 * <p>Fed by the thread that judges; a thread of its own owns the writer from the start on.
 */
final class JoinCommitter implements AutoCloseable {
  /** Most that wait; bounds memory while Kafka is slow. */
  private static final int CAPACITY = 8;

  private static final long LOOK_MILLIS = 50;

  /** Longest that a transaction which is not full waits in all for labels to be judged. */
  private static final long GATHER_MILLIS = 200;

  private static final long QUIET_MILLIS = 1000;

  private static final Step END = new Step(new Judged(), new JoinProgress(0, 0, 0, 0, 0), true);

  private final LearnedModel config;
  private final OutputWriter writer;
  private final StreamingObserver told;
  private final BlockingQueue<Step> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final long gatherMillis;
  private final Thread thread;
  private volatile long examplesEnd;
  private volatile boolean closed;
  private volatile @Nullable Throwable failure;

  /**
   * What waits.
   *
   * @param isEnd nothing is to be written of it, and nothing comes after it
   */
  private record Step(Judged judged, JoinProgress progress, boolean isEnd) {}

  /**
   * Begins to write.
   *
   * @param writer fenced; closed by {@link #close}
   * @param examplesEnd offset after the last example
   */
  JoinCommitter(
      LearnedModel config, OutputWriter writer, StreamingObserver told, long examplesEnd) {
    this(config, writer, told, examplesEnd, GATHER_MILLIS);
  }

  JoinCommitter(
      LearnedModel config,
      OutputWriter writer,
      StreamingObserver told,
      long examplesEnd,
      long gatherMillis) {
    this.config = config;
    this.gatherMillis = gatherMillis;
    this.writer = writer;
    this.told = told;
    this.examplesEnd = examplesEnd;
    this.thread =
        Thread.ofPlatform().daemon().name("nagare-join-" + config.name()).start(this::run);
  }

  /** Offset after the last example that is committed. */
  long examplesEnd() {
    return examplesEnd;
  }

  /**
   * Takes what labels have come to, and how far that is; waits while much waits already.
   *
   * @param giveUp looked at now and then
   * @return false if it gave up: what was not taken is not written
   * @throws RuntimeException the failure that ended the writing, if one did
   */
  boolean add(Judged judged, JoinProgress progress, BooleanSupplier giveUp)
      throws InterruptedException {
    return offer(new Step(judged, progress, false), giveUp);
  }

  /**
   * Waits until all that was taken is committed; nothing more is taken.
   *
   * @throws RuntimeException the failure that ended the writing, if one did
   */
  void finish() throws InterruptedException {
    var _ = offer(END, () -> false);
    thread.join();
    requireWell();
  }

  /** Throws the failure that ended the writing, if one did. */
  void requireWell() {
    switch (failure) {
      case null -> {}
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  private boolean offer(Step step, BooleanSupplier giveUp) throws InterruptedException {
    do {
      requireWell();
      if (queue.offer(step, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        return true;
      }
    } while (!giveUp.getAsBoolean());
    return false;
  }

  private void run() {
    try {
      boolean more = true;
      while (more) {
        Step step = queue.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS);
        if (step == null) {
          writer.settle();
        } else {
          more = !step.isEnd() && commit(step);
        }
      }
      writer.settle();
    } catch (InterruptedException e) {
      // close() ends a wait
    } catch (RuntimeException
        | Error e) { // all of it ends the tenure, and who judges must know; but
      // close() ends a wait inside Kafka's client with an exception
      if (!closed) {
        failure = e;
      }
    } finally {
      Thread.interrupted(); // an interrupted close would not close
      writer.close();
    }
  }

  /** Commits this and what waits behind it; false if nothing comes after that. */
  private boolean commit(Step first) throws InterruptedException {
    var transaction = new JoinTransaction(config, writer);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(gatherMillis);
    Step last = first;
    Step next = first;
    while (next != null && !next.isEnd()) {
      transaction.add(next.judged());
      last = next;
      next = transaction.isFull() ? null : next(transaction, last.progress().lag(), end);
    }
    examplesEnd = transaction.commit(last.progress(), examplesEnd);
    transaction.tell(told, last.progress().waiting());
    return next == null || !next.isEnd();
  }

  /** What waits; what comes, too, if enough labels wait to be judged. */
  private @Nullable Step next(JoinTransaction transaction, long lag, long endNanos)
      throws InterruptedException {
    return transaction.isFullWith(lag)
        ? queue.poll(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS)
        : queue.poll();
  }

  /** Ends at once: what was not committed was not written. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true; // nobody may write after this
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
