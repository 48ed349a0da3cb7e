package dev.nagare.server.metrics;

import java.util.concurrent.atomic.LongAdder;

/**
 * What one model did since the process started, as {@code /stats} tells it. Safe for any thread.
 */
public final class Tally {
  private final LongAdder rows = new LongAdder();
  private final LongAdder batches = new LongAdder();
  private final Adder succeeded = new Adder();
  private final Adder failed = new Adder();
  private final Adder queued = new Adder();
  private final Adder computed = new Adder();
  private final Adder known = new Adder();
  private final Adder unknown = new Adder();
  private volatile long lastMillis;

  /**
   * A number of requests and the time of all of them.
   *
   * @param count of requests
   * @param nanos of all, nanoseconds
   */
  public record Sum(long count, long nanos) {
    /** Nothing. */
    public static final Sum NONE = new Sum(0, 0);
  }

  /** Rows that were answered. */
  public long rows() {
    return rows.sum();
  }

  /** Batches that ran. */
  public long batches() {
    return batches.sum();
  }

  /** Requests that were answered, from their last byte to the answer. */
  public Sum succeeded() {
    return succeeded.sum();
  }

  /** Requests that were refused. */
  public Sum failed() {
    return failed.sum();
  }

  /** Requests that waited for a lane. */
  public Sum queued() {
    return queued.sum();
  }

  /** Requests that were computed; each took as long as its batch. */
  public Sum computed() {
    return computed.sum();
  }

  /** Requests whose answer was remembered, and the time of looking it up. */
  public Sum known() {
    return known.sum();
  }

  /** Requests whose answer was looked for and not there; without those of models with no cache. */
  public Sum unknown() {
    return unknown.sum();
  }

  /** When the last request was answered, milliseconds since 1970; 0 before the first. */
  public long lastMillis() {
    return lastMillis;
  }

  void batch(int questions, int count, long nanos) {
    batches.increment();
    rows.add(count);
    computed.add(questions, questions * nanos);
  }

  void dequeued(long nanos) {
    queued.add(1, nanos);
  }

  void lookedUp(boolean found, long nanos) {
    (found ? known : unknown).add(1, nanos);
  }

  void answered(boolean well, long nanos) {
    (well ? succeeded : failed).add(1, nanos);
    lastMillis = System.currentTimeMillis();
  }

  private static final class Adder {
    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    void add(long requests, long time) {
      count.add(requests);
      nanos.add(time);
    }

    Sum sum() {
      return new Sum(count.sum(), nanos.sum());
    }
  }
}
