package dev.nagare.tensor.kernel;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import dev.nagare.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Elements of checked arguments, by address.
 *
 * <p>Loops go through one segment that covers all memory, a constant to the compiler, so that an
 * access is an instruction and not a check of bounds and liveness as well: 65 µs against 98 for an
 * LSTM step (T=32, I=8, H=64, EPYC, 2026-11-24). {@link KernelArguments} has compared shapes and
 * asked each tensor whether its memory is alive before any address is taken.
 */
final class Addresses {
  @SuppressWarnings("restricted")
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Addresses() {}

  static float getFloat(long address, long index) {
    return ALL.get(JAVA_FLOAT_UNALIGNED, address + 4 * index);
  }

  static void setFloat(long address, long index, float value) {
    ALL.set(JAVA_FLOAT_UNALIGNED, address + 4 * index, value);
  }

  static double getDouble(long address, long index) {
    return ALL.get(JAVA_DOUBLE_UNALIGNED, address + 8 * index);
  }

  static void setDouble(long address, long index, double value) {
    ALL.set(JAVA_DOUBLE_UNALIGNED, address + 8 * index, value);
  }

  static long getLong(long address, long index) {
    return ALL.get(JAVA_LONG_UNALIGNED, address + 8 * index);
  }

  static void setLong(long address, long index, long value) {
    ALL.set(JAVA_LONG_UNALIGNED, address + 8 * index, value);
  }

  /** The element of an integer dtype that is at an address. */
  static long getWhole(DType dtype, long address) {
    return switch (dtype) {
      case I64 -> ALL.get(JAVA_LONG_UNALIGNED, address);
      case I32 -> ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address);
      case U8 -> Byte.toUnsignedLong(ALL.get(ValueLayout.JAVA_BYTE, address));
      case BOOL -> ALL.get(ValueLayout.JAVA_BYTE, address) == 0 ? 0 : 1;
      case F32, F64, BF16 -> throw new IllegalStateException(dtype + " is no integer");
    };
  }

  /** Zeros; a multiple of 4 bytes. */
  static void zero(long address, long bytes) {
    for (long i = 0; i < bytes; i += 4) {
      ALL.set(JAVA_FLOAT_UNALIGNED, address + i, 0);
    }
  }
}
