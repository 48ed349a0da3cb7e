package dev.nagare.streaming.batch;

import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.protocol.ProtocolException;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.MpscArrayQueue;

/**
 * Where the requests of all doors meet: one bounded queue, and lanes that take from it.
 *
 * <p>Work-conserving: an idle lane takes at once what waits, up to a batch, and nobody waits for a
 * batch to fill. Batches therefore grow under load only. A batch is of one model and one version;
 * requests leave in the order they came. What does not fit in the queue is refused at the door.
 *
 * <p>Safe for any number of doors. Doors never block.
 */
public final class Batcher implements AutoCloseable {
  /** Set in {@link #waitingRows} when no more is admitted. */
  private static final int CLOSED = 1 << 30;

  private static final int SPINS = 256;

  private final int maxBatchRows;
  private final int queueRows;
  private final MpscArrayQueue<Question> queue;
  private final AtomicInteger waitingRows = new AtomicInteger();
  // Its holder is the queue's one consumer. Held for as long as it takes to move a batch's
  // references, so that a lane sees what comes next before it takes it.
  private final AtomicBoolean taking = new AtomicBoolean();
  private final List<Lane> lanes = new ArrayList<>();

  /**
   * Starts the lanes.
   *
   * @param count of the lanes, 1 or more
   * @param maxBatchRows most rows in a batch
   * @param queueRows most rows that wait
   * @param threads makes lane threads
   */
  public Batcher(
      int count, int maxBatchRows, int queueRows, ThreadFactory threads, StreamingObserver told) {
    if (count < 1 || maxBatchRows < 1 || queueRows < 1 || queueRows >= CLOSED) {
      throw new IllegalArgumentException(
          "batcher: expected at least 1 lane, batch row and queue row, got "
              + List.of(count, maxBatchRows, queueRows));
    }
    this.maxBatchRows = maxBatchRows;
    this.queueRows = queueRows;
    this.queue = new MpscArrayQueue<>(Math.max(4, queueRows));
    for (int i = 0; i < count; i++) {
      lanes.add(new Lane(this, maxBatchRows, told));
    }
    lanes.forEach(lane -> lane.start(threads));
  }

  /** Most rows in one request. */
  int queueRows() {
    return queueRows;
  }

  /** Rows that wait now. */
  int waitingRows() {
    return waitingRows.get() & ~CLOSED;
  }

  /**
   * Hands a question to the lanes. If it is refused, it is still the caller's.
   *
   * @throws ProtocolException 429 if the queue is full, 503 if the server is stopping
   */
  void submit(Question question) {
    int rows = question.rows();
    for (; ; ) {
      int waiting = waitingRows.get();
      if ((waiting & CLOSED) != 0) {
        throw new ProtocolException(503, "the server is stopping");
      }
      if (waiting + rows > queueRows) {
        throw new ProtocolException(
            429, "busy: " + waiting + " rows wait, at most " + queueRows + "; try again later");
      }
      if (waitingRows.compareAndSet(waiting, waiting + rows)) {
        break;
      }
    }
    if (!queue.offer(question)) {
      // Each question has a row, and there is room for as many questions as rows.
      throw new IllegalStateException("batcher: no room for an admitted question");
    }
    // Either this thread sees that a lane has announced its sleep, or that lane sees the question.
    VarHandle.fullFence();
    wakeOne();
  }

  private void wakeOne() {
    for (int i = 0; i < lanes.size(); i++) {
      if (lanes.get(i).wakeIfAsleep()) {
        return;
      }
    }
  }

  /**
   * Moves the next batch into the list: the longest run of questions to one model that fits; a
   * question that is larger than a batch comes alone.
   */
  void take(List<Question> batch) {
    for (int spins = 0; !taking.compareAndSet(false, true); spins++) {
      if (spins > SPINS) {
        return; // the other lane takes what there is; the caller looks again before it sleeps
      }
      Thread.onSpinWait();
    }
    try {
      int rows = 0;
      for (Question next = queue.peek();
          next != null && (rows == 0 || fits(batch.getFirst(), rows, next));
          next = queue.peek()) {
        queue.poll();
        batch.add(next);
        rows += next.rows();
      }
      if (rows > 0 && waitingRows.addAndGet(-rows) == CLOSED) {
        lanes.forEach(Lane::wake); // that was the last batch
      }
    } finally {
      taking.set(false);
    }
    if (!queue.isEmpty()) {
      wakeOne();
    }
  }

  private boolean fits(Question first, int rows, Question next) {
    return next.model().equals(first.model())
        && rows + next.rows() <= maxBatchRows
        && next.model().joins(first, next);
  }

  /** Whether a lane has something to take. */
  boolean hasWork() {
    return !queue.isEmpty();
  }

  /** Whether lanes should end: nothing is admitted any more and nothing waits. */
  boolean isDrained() {
    return waitingRows.get() == CLOSED;
  }

  /** Refuses what comes from now on, answers what waits, ends the lanes. */
  @Override
  public void close() {
    waitingRows.getAndUpdate(rows -> rows | CLOSED);
    lanes.forEach(Lane::wake);
    lanes.forEach(Lane::join);
  }
}
