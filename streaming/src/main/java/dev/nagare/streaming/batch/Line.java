package dev.nagare.streaming.batch;

import dev.nagare.streaming.StreamingObserver;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the batcher knows of a model: what its batches cost, and how long its callers are meant to
 * wait.
 *
 * <p>Safe for any thread.
 */
final class Line {
  /** So long after its last batch a model's cost is taken to be known. */
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A model that is slower than its target is still given so many runs of time. */
  private static final int PATIENCE = 10;

  private final ServedModel model;
  private final long targetNanos;
  private final int maxBatchRows;
  private final CostModel cost;
  private final AtomicLong ranAt = new AtomicLong(Long.MIN_VALUE / 2);

  /**
   * Creates a line.
   *
   * @param targetNanos what waiting and computing are meant to take at the 99th percentile
   * @param maxBatchRows most rows in a batch, whatever they cost
   * @param cost what is known of its batches, and learned
   */
  Line(ServedModel model, long targetNanos, int maxBatchRows, CostModel cost) {
    this.model = model;
    this.cost = cost;
    this.targetNanos = targetNanos;
    this.maxBatchRows = maxBatchRows;
  }

  ServedModel model() {
    return model;
  }

  CostModel cost() {
    return cost;
  }

  long targetNanos() {
    return targetNanos;
  }

  /** A batch ended. */
  void ran(long work, long nanos, long now) {
    cost.observe(work, nanos);
    ranAt.set(now);
  }

  /** Says what is known. */
  void tell(StreamingObserver told) {
    told.cost(
        model.name(),
        cost.slopeNanos(),
        cost.fixedNanos(),
        cost.slopeNanos() == 0 ? Double.POSITIVE_INFINITY : (double) batchWork(targetNanos));
  }

  /**
   * Whether what is known of the cost is to be tried out again, since it may be wrong and nothing
   * has run for a while: true for one caller in a while.
   */
  boolean toBeTried(long now) {
    long last = ranAt.get();
    return now - last > FRESH_NANOS && ranAt.compareAndSet(last, now);
  }

  /**
   * Most work in a batch: who comes just after a batch has begun waits for it and for the next one,
   * and both are to fit in the target, and in the time that its callers give it.
   */
  long batchWork(long patienceNanos) {
    return cost.workWithin(Math.min(targetNanos, patienceNanos) / 2);
  }

  /** Lane time that a question takes in a batch that is full of its like. */
  long shareNanos(int rows, long work, long patienceNanos) {
    double likes = likes(rows, work, patienceNanos);
    return Math.max(1, (long) (cost.slopeNanos() * work + cost.fixedNanos() / likes));
  }

  /**
   * What a batch takes that is full of a question's like; where most of it is the cost of a batch,
   * however small, no more than half of the time or than the question alone.
   */
  long fullNanos(int rows, long work, long patienceNanos) {
    long full = cost.nanos(likes(rows, work, patienceNanos) * work);
    return Math.max(cost.nanos(work), Math.min(full, Math.min(targetNanos, patienceNanos) / 2));
  }

  private long likes(int rows, long work, long patienceNanos) {
    return Math.max(1, Math.min(maxBatchRows / rows, batchWork(patienceNanos) / work));
  }

  /** How long a question without a deadline may wait; as long as it likes until costs are known. */
  long patienceNanos(long work) {
    if (!cost.isSettled()) {
      return Long.MAX_VALUE;
    }
    return Math.max(targetNanos, PATIENCE * cost.nanos(work));
  }
}
