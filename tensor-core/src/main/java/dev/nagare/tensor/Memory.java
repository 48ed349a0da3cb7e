package dev.nagare.tensor;

import java.lang.foreign.MemorySegment;

/**
 * Off-heap memory that tensors are views on.
 *
 * <p>Each memory has a generation that changes whenever its content ceases to be valid; a tensor of
 * an older generation refuses every call.
 */
public abstract sealed class Memory permits ProcessMemory, PooledMemory, Scope {

  /** Alignment of every allocation, in bytes: a cache line, and the widest vector. */
  public static final int ALIGNMENT = 64;

  /** What an address can reach today; far from overflow when rounded up. */
  private static final long MOST_BYTES = 1L << 47;

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
    tensor.segment().fill((byte) 0);
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

  /** Hands out aligned bytes. */
  abstract MemorySegment take(long bytes);

  static long aligned(long bytes) {
    return (Math.max(bytes, 1) + ALIGNMENT - 1) & -ALIGNMENT;
  }
}
