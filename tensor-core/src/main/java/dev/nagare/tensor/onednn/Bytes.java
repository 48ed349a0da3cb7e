package dev.nagare.tensor.onednn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Bytes by address, of checked arguments. */
@SuppressWarnings("restricted")
final class Bytes {
  /** All memory: an address of checked arguments needs no segment of its own. */
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Bytes() {}

  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  static void zero(long at, long bytes) {
    ALL.asSlice(at, bytes).fill((byte) 0);
  }

  static long getLong(long at) {
    return ALL.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
  }

  static int getInt(long at) {
    return ALL.get(ValueLayout.JAVA_INT_UNALIGNED, at);
  }

  /** Whether so many F32 are all this number. */
  static boolean isAll(long at, float value, long count) {
    for (long i = 0; i < count; i++) {
      if (ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4 * i) != value) {
        return false;
      }
    }
    return true;
  }
}
