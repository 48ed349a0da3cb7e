package dev.nagare.loadtest.drill;

import dev.nagare.streaming.rehearsal.CrashPoint;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * A page of memory that a learner's process shares with the drill: what it has done so far. The
 * page outlives the process, however that dies. Safe for any thread of both.
 */
final class Ledger {
  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final List<CrashPoint> POINTS = List.of(CrashPoint.values());
  private static final int ROWS = 0;
  private static final int NEXT_OFFSET = 1;
  private static final int VERSION = 2;
  private static final int LAST_POINT = 3;
  private static final int ARMED = 4;
  private static final int HELD = 5;
  private static final int FIRST_ROW = 6;
  private static final int PASSAGES = 7;
  private static final long BYTES = 4096;

  private final ByteBuffer page;

  private Ledger(ByteBuffer page) {
    this.page = page;
  }

  /** Opens a ledger; a new one is empty. */
  static Ledger open(Path file) throws IOException {
    try (var channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new Ledger(channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES));
    }
  }

  /** The learner has learned a row, and is at this version now. */
  void learned(long offset, long version) {
    set(NEXT_OFFSET, offset + 1);
    set(VERSION, version);
    LONGS.compareAndSet(page, FIRST_ROW * Long.BYTES, 0L, System.currentTimeMillis());
    LONGS.getAndAdd(page, ROWS * Long.BYTES, 1L);
  }

  /** The learner passes a point. */
  void passes(CrashPoint point) {
    set(LAST_POINT, number(point));
    LONGS.getAndAdd(page, at(point), 1L);
  }

  /** The learner is to wait when it comes to a point. */
  void arm(CrashPoint point) {
    set(ARMED, number(point));
  }

  /** Whether the learner is to wait here; once. */
  boolean holds(CrashPoint point) {
    if (!LONGS.compareAndSet(page, ARMED * Long.BYTES, number(point), 0L)) {
      return false;
    }
    set(HELD, 1);
    return true;
  }

  /** Lets a waiting learner go on. */
  void release() {
    set(HELD, 0);
  }

  boolean held() {
    return get(HELD) == 1;
  }

  /** Rows learned in this life. */
  long rows() {
    return get(ROWS);
  }

  /** When the first row of this life was learned, milliseconds since the epoch; 0 before. */
  long firstRowMillis() {
    return get(FIRST_ROW);
  }

  /** Offset after the last row that was learned; 0 before the first. */
  long nextOffset() {
    return get(NEXT_OFFSET);
  }

  /** The learner's step after that row. */
  long version() {
    return get(VERSION);
  }

  /** How often a point was passed in this life. */
  long passages(CrashPoint point) {
    return (long) LONGS.getVolatile(page, at(point));
  }

  /** The point that was passed last. */
  Optional<CrashPoint> lastPoint() {
    int index = (int) get(LAST_POINT) - 1;
    return index < 0 ? Optional.empty() : Optional.of(POINTS.get(index));
  }

  /** From 1; a new page has zeros. */
  private static long number(CrashPoint point) {
    return POINTS.indexOf(point) + 1L;
  }

  private static int at(CrashPoint point) {
    return (PASSAGES + POINTS.indexOf(point)) * Long.BYTES;
  }

  private void set(int index, long value) {
    LONGS.setVolatile(page, index * Long.BYTES, value);
  }

  private long get(int index) {
    return (long) LONGS.getVolatile(page, index * Long.BYTES);
  }
}
