package dev.nagare.streaming.batch;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many rows of a class may wait, and do. One word says both how many there are and whether more
 * are let in, so that the limit is exact and nothing slips in after the closing.
 *
 * <p>Safe for any thread.
 */
final class Room {
  /** Set when no more is let in. */
  private static final int CLOSED = 1 << 30;

  private final int limit;
  private final AtomicInteger rows = new AtomicInteger();

  /** What comes of asking to enter. */
  enum Entry {
    ENTERED,
    FULL,
    CLOSED
  }

  Room(int limit) {
    if (limit < 1 || limit >= CLOSED) {
      throw new IllegalArgumentException("room: expected at least 1 row, got " + limit);
    }
    this.limit = limit;
  }

  int limit() {
    return limit;
  }

  /** Rows inside. */
  int rows() {
    return rows.get() & ~CLOSED;
  }

  boolean closed() {
    return (rows.get() & CLOSED) != 0;
  }

  /** Whether nothing is inside and nothing can come. */
  boolean closedAndEmpty() {
    return rows.get() == CLOSED;
  }

  Entry enter(int count) {
    for (; ; ) {
      int now = rows.get();
      if ((now & CLOSED) != 0) {
        return Entry.CLOSED;
      }
      if (count > limit - now) {
        return Entry.FULL;
      }
      if (rows.compareAndSet(now, now + count)) {
        return Entry.ENTERED;
      }
    }
  }

  void leave(int count) {
    rows.addAndGet(-count);
  }

  void close() {
    rows.getAndUpdate(now -> now | CLOSED);
  }
}
