package dev.nagare.streaming.kafka;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * The time in which a partition is this process's own, as its consumer group has it.
 *
 * <p>Whoever was given an assignment reads {@link #batches} and, when they end, stops at a record
 * edge and calls {@link #release}: until then, within {@link GroupMember#PATIENCE}, the partition
 * goes to nobody else. Safe for any thread.
 */
public final class Assignment {
  private final Runnable wakeUp;
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile boolean ending;
  private volatile boolean lost;
  private volatile boolean pausing;
  private volatile @Nullable FluxSink<RecordBatch> sink;
  private long from;

  Assignment(Runnable wakeUp) {
    this.wakeUp = wakeUp;
  }

  /**
   * The records as they come, to be subscribed to once. Completes when the group takes the
   * partition away; fails with {@link LostRecordsException} if the log does not have the offset.
   *
   * @param offset of the first record
   */
  public Flux<RecordBatch> batches(long offset) {
    return Flux.create(
        subscriber -> {
          from = offset;
          subscriber.onRequest(
              n -> {
                if (pausing) {
                  wakeUp.run();
                }
              });
          sink = subscriber;
          if (ending) {
            subscriber.complete();
          } else {
            wakeUp.run();
          }
        },
        FluxSink.OverflowStrategy.ERROR);
  }

  /** Whether the time is over: what is not begun yet should not begin. */
  public boolean isEnding() {
    return ending;
  }

  /** Whether it ended without a question: somebody else may have the partition already. */
  public boolean isLost() {
    return lost;
  }

  /** Says that the owner has stopped and will write nothing more. */
  public void release() {
    released.countDown();
  }

  // What follows belongs to the polling thread.

  long from() {
    return from;
  }

  boolean isRead() {
    return sink != null;
  }

  private boolean isWanted() {
    FluxSink<RecordBatch> subscriber = sink;
    return subscriber != null
        && !subscriber.isCancelled()
        && subscriber.requestedFromDownstream() > 0;
  }

  /** Announces a poll that brings nothing unless somebody asks; gives whether somebody has. */
  boolean announcePause() {
    pausing = true;
    // Asked again after the announcement: what was asked for before it wakes nobody.
    boolean wanted = isWanted();
    pausing = !wanted;
    return wanted;
  }

  void next(RecordBatch batch) {
    FluxSink<RecordBatch> subscriber = sink;
    if (subscriber != null) {
      subscriber.next(batch);
    }
  }

  void fail(RuntimeException failure) {
    FluxSink<RecordBatch> subscriber = sink;
    if (subscriber != null) {
      subscriber.error(failure);
    }
  }

  void end(boolean withoutQuestion) {
    lost = withoutQuestion;
    ending = true;
    FluxSink<RecordBatch> subscriber = sink;
    if (subscriber != null) {
      subscriber.complete();
    }
  }

  /** Whether the owner let go in time. */
  boolean awaitRelease(Duration patience) throws InterruptedException {
    return released.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }
}
