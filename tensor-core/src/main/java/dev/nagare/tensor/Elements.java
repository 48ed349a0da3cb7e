package dev.nagare.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reading and writing single elements of every dtype, and converting between dtypes.
 *
 * <p>To an integer dtype a number is cut towards zero, then held to the dtype's range; NaN becomes
 * 0. To BOOL everything but 0 becomes 1.
 */
final class Elements {
  private static final ValueLayout STORED_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout STORED_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout STORED_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Elements() {}

  static double get(MemorySegment segment, DType dtype, long at) {
    return switch (dtype) {
      case F32 -> segment.getAtIndex(ValueLayout.JAVA_FLOAT, at);
      case F64 -> segment.getAtIndex(ValueLayout.JAVA_DOUBLE, at);
      case BF16 -> BFloat16.toFloat(segment.getAtIndex(ValueLayout.JAVA_SHORT, at));
      default -> getLong(segment, dtype, at);
    };
  }

  static long getLong(MemorySegment segment, DType dtype, long at) {
    return switch (dtype) {
      case I64 -> segment.getAtIndex(ValueLayout.JAVA_LONG, at);
      case I32 -> segment.getAtIndex(ValueLayout.JAVA_INT, at);
      case U8 -> Byte.toUnsignedLong(segment.get(ValueLayout.JAVA_BYTE, at));
      case BOOL -> segment.get(ValueLayout.JAVA_BYTE, at) == 0 ? 0 : 1;
      default -> (long) get(segment, dtype, at);
    };
  }

  static void set(MemorySegment segment, DType dtype, long at, double value) {
    switch (dtype) {
      case F32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT, at, (float) value);
      case F64 -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE, at, value);
      case BF16 -> segment.setAtIndex(ValueLayout.JAVA_SHORT, at, BFloat16.of(value));
      case BOOL -> segment.set(ValueLayout.JAVA_BYTE, at, (byte) (value == 0 ? 0 : 1));
      default -> setLong(segment, dtype, at, (long) value);
    }
  }

  static void setLong(MemorySegment segment, DType dtype, long at, long value) {
    switch (dtype) {
      case F32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT, at, (float) value);
      case F64 -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE, at, (double) value);
      case BF16 -> segment.setAtIndex(ValueLayout.JAVA_SHORT, at, BFloat16.of(value));
      case I64 -> segment.setAtIndex(ValueLayout.JAVA_LONG, at, value);
      case I32 ->
          segment.setAtIndex(
              ValueLayout.JAVA_INT, at, Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case U8 -> segment.set(ValueLayout.JAVA_BYTE, at, (byte) Math.clamp(value, 0, 255));
      case BOOL -> segment.set(ValueLayout.JAVA_BYTE, at, (byte) (value == 0 ? 0 : 1));
    }
  }

  /** Writes n elements from a row-major position on, little-endian; the buffer has room. */
  static void toBytes(Tensor from, long first, long n, ByteBuffer to) {
    DType dtype = from.dtype();
    MemorySegment source = from.base();
    MemorySegment target = MemorySegment.ofBuffer(to);
    if (from.isContiguous()) {
      MemorySegment.copy(source, held(dtype), first * dtype.bytes(), target, stored(dtype), 0, n);
    } else {
      for (long i = 0; i < n; i++) {
        long at = from.offset(first + i) * dtype.bytes();
        MemorySegment.copy(source, held(dtype), at, target, stored(dtype), i * dtype.bytes(), 1);
      }
    }
    to.position(to.position() + (int) (n * dtype.bytes()));
  }

  /** Reads every element, little-endian; the buffer has them. */
  static void fromBytes(ByteBuffer from, Tensor to) {
    DType dtype = to.dtype();
    MemorySegment source = MemorySegment.ofBuffer(from);
    MemorySegment target = to.base();
    long n = to.elements();
    if (to.isContiguous()) {
      MemorySegment.copy(source, stored(dtype), 0, target, held(dtype), 0, n);
    } else {
      for (long i = 0; i < n; i++) {
        long at = to.offset(i) * dtype.bytes();
        MemorySegment.copy(source, stored(dtype), i * dtype.bytes(), target, held(dtype), at, 1);
      }
    }
    from.position(from.position() + (int) (n * dtype.bytes()));
  }

  private static ValueLayout held(DType dtype) {
    return switch (dtype.bytes()) {
      case 1 -> ValueLayout.JAVA_BYTE;
      case 2 -> ValueLayout.JAVA_SHORT;
      case 4 -> ValueLayout.JAVA_INT;
      default -> ValueLayout.JAVA_LONG;
    };
  }

  /** Made once: a layout made at each copy would be two objects each time. */
  private static ValueLayout stored(DType dtype) {
    return switch (dtype.bytes()) {
      case 1 -> ValueLayout.JAVA_BYTE;
      case 2 -> STORED_SHORT;
      case 4 -> STORED_INT;
      default -> STORED_LONG;
    };
  }

  /** Converts every element of a tensor into another of the same shape. */
  static void convert(Tensor from, Tensor to) {
    MemorySegment source = from.base();
    MemorySegment target = to.base();
    DType dtype = to.dtype();
    if (from.dtype().isFloating()) {
      for (long i = 0, n = from.elements(); i < n; i++) {
        set(target, dtype, to.offset(i), get(source, from.dtype(), from.offset(i)));
      }
    } else {
      for (long i = 0, n = from.elements(); i < n; i++) {
        setLong(target, dtype, to.offset(i), getLong(source, from.dtype(), from.offset(i)));
      }
    }
  }
}
