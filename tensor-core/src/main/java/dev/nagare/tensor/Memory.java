package dev.nagare.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Off-heap memory that tensors are views on.
 *
 * <p>Each memory has a generation that changes whenever its content ceases to be valid; a tensor of
 * an older generation refuses every call.
 */
public abstract sealed class Memory
    permits ProcessMemory, PooledMemory, MappedMemory, Scope, ScratchMemory, ThreadMemory {

  /** Alignment of every allocation, in bytes: a cache line, and the widest vector. */
  public static final int ALIGNMENT = 64;

  /** More than machines have that compute: what asks for it has miscounted. */
  private static final long MOST_BYTES = 1L << 40;

  // Written by the owner alone; a reader on another thread holds a lease or a happens-before edge.
  private long generation;

  Memory() {}

  /**
   * A tensor whose content is undefined until it is written.
   *
   * @throws TensorException kind CLOSED if this memory has ended, OUT_OF_BUDGET if it has no room,
   *     MISMATCH if no memory could have
   */
  public final Tensor empty(DType dtype, Shape shape) {
    if (shape.elements() > MOST_BYTES / dtype.bytes()) {
      throw TensorException.mismatch(
          "tensor " + dtype + " " + shape + ": more than " + MOST_BYTES + " bytes");
    }
    return new Tensor(this, take(shape.elements() * dtype.bytes()), dtype, shape);
  }

  /** A tensor of zeros. */
  public final Tensor zeros(DType dtype, Shape shape) {
    Tensor tensor = empty(dtype, shape);
    if (!isFresh()) {
      tensor.segment().fill((byte) 0);
    }
    return tensor;
  }

  /** A contiguous copy of a tensor of any memory and any strides. */
  public final Tensor copyOf(Tensor source) {
    Tensor tensor = empty(source.dtype(), source.shape());
    tensor.copyFrom(source);
    return tensor;
  }

  /** An I64 tensor with these values: indices, classes. */
  public final Tensor ofLongs(Shape shape, long... values) {
    if (values.length != shape.elements()) {
      throw TensorException.mismatch(
          "tensor: " + shape + " needs " + shape.elements() + " values, got " + values.length);
    }
    Tensor tensor = empty(DType.I64, shape);
    for (int i = 0; i < values.length; i++) {
      tensor.setLong(i, values[i]);
    }
    return tensor;
  }

  /** An F32 tensor with these values. */
  public final Tensor of(Shape shape, float... values) {
    Tensor tensor = empty(DType.F32, shape);
    tensor.copyFrom(values, 0);
    return tensor;
  }

  final long generation() {
    return generation;
  }

  /** Makes every tensor handed out so far invalid. */
  final void invalidate() {
    generation++;
  }

  /** How this memory is called in an error, and what to do instead. */
  abstract String describe();

  /** Whether the bytes that it hands out were never handed out before, and so are zeros. */
  boolean isFresh() {
    return false;
  }

  /** Hands out aligned bytes. */
  abstract MemorySegment take(long bytes);

  /**
   * Native memory, of zeros.
   *
   * @throws TensorException kind OUT_OF_BUDGET if the process gets no more, MISMATCH if no machine
   *     could have so much
   */
  static MemorySegment allocate(Arena arena, long bytes) {
    if (bytes < 0 || bytes > MOST_BYTES) {
      throw TensorException.mismatch(
          "memory: expected 0 to " + MOST_BYTES + " bytes, asked for " + bytes);
    }
    // Asked here as well: who allocates little does not link what maps memory.
    MemorySegment large = bytes < LargePages.LEAST_BYTES ? null : LargePages.allocate(arena, bytes);
    if (large != null) {
      return large;
    }
    try {
      return arena.allocate(bytes, ALIGNMENT);
    } catch (OutOfMemoryError e) { // thrown for native memory, while the heap is well
      throw new TensorException(
          TensorException.Kind.OUT_OF_BUDGET,
          "memory: "
              + bytes
              + " bytes asked for, which the process does not get; raise -XX:MaxDirectMemorySize"
              + " or make batches smaller",
          e);
    }
  }

  static long aligned(long bytes) {
    if (bytes > MOST_BYTES) {
      throw TensorException.mismatch(
          "memory: expected at most " + MOST_BYTES + " bytes, asked for " + bytes);
    }
    return (Math.max(bytes, 1) + ALIGNMENT - 1) & -ALIGNMENT;
  }
}
