package dev.nagare.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A dense, row-major, multi-dimensional view on off-heap memory.
 *
 * <p>A tensor owns nothing: its {@link Memory} does. Every public call checks that the memory is
 * still what it was when the tensor was made, and throws {@link TensorException} of kind CLOSED if
 * not. Safe for reading by any number of threads that hold a lease on the memory or work inside its
 * lifetime; writing is for one thread at a time. Counterpart: {@code torch.Tensor}.
 */
public final class Tensor {
  private final Memory memory;
  private final long generation;
  private final MemorySegment segment;
  private final DType dtype;
  private final Shape shape;

  Tensor(Memory memory, MemorySegment segment, DType dtype, Shape shape) {
    this.memory = memory;
    this.generation = memory.generation();
    this.segment = segment;
    this.dtype = dtype;
    this.shape = shape;
  }

  /** Element type. */
  public DType dtype() {
    return dtype;
  }

  /** Sizes of the axes. */
  public Shape shape() {
    return shape;
  }

  /** Size of an axis; a negative axis counts from the last. */
  public long dim(int axis) {
    return shape.dim(axis);
  }

  /** Number of elements. */
  public long elements() {
    return shape.elements();
  }

  /**
   * The bytes, for kernels; valid as long as the tensor is.
   *
   * @throws TensorException kind CLOSED if the memory was reset or given back
   */
  public MemorySegment segment() {
    if (memory.generation() != generation) {
      throw new TensorException(
          TensorException.Kind.CLOSED,
          "tensor " + dtype + " " + shape + ": used after its end: " + memory.describe());
    }
    return segment;
  }

  /** Whether calls still work. */
  public boolean isValid() {
    return memory.generation() == generation;
  }

  /** The element at a row-major position, widened to f64. */
  public double get(long index) {
    return dtype == DType.F32
        ? segment().getAtIndex(ValueLayout.JAVA_FLOAT, index)
        : segment().getAtIndex(ValueLayout.JAVA_DOUBLE, index);
  }

  /** Sets the element at a row-major position, rounded to the dtype. */
  public void set(long index, double value) {
    if (dtype == DType.F32) {
      segment().setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
    } else {
      segment().setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
    }
  }

  /** A view of the same memory with another shape of as many elements. */
  public Tensor reshape(long... dims) {
    Shape to = Shape.of(dims);
    if (to.elements() != shape.elements()) {
      throw TensorException.mismatch(
          "reshape: "
              + shape
              + " has "
              + elements()
              + " elements, "
              + to
              + " has "
              + to.elements());
    }
    return new Tensor(memory, segment(), dtype, to);
  }

  /** A view of rows {@code start .. start + length - 1} of the first axis. */
  public Tensor narrow(long start, long length) {
    if (shape.rank() == 0 || start < 0 || length < 0 || start > dim(0) - length) {
      throw TensorException.mismatch(
          "narrow: rows " + start + " to " + (start + length) + " of " + shape);
    }
    long[] dims = shape.toArray();
    dims[0] = length;
    Shape part = Shape.of(dims);
    long rowBytes = dim(0) == 0 ? 0 : elements() / dim(0) * dtype.bytes();
    return new Tensor(memory, segment().asSlice(start * rowBytes, length * rowBytes), dtype, part);
  }

  /** Sets all elements to 0. */
  public void zero() {
    segment().fill((byte) 0);
  }

  /** Copies all elements of a tensor with the same dtype and shape. */
  public void copyFrom(Tensor source) {
    if (source.dtype != dtype || !source.shape.equals(shape)) {
      throw TensorException.mismatch(
          "copy: expected " + dtype + " " + shape + ", got " + source.dtype + " " + source.shape);
    }
    MemorySegment.copy(source.segment(), 0, segment(), 0, elements() * dtype.bytes());
  }

  /** Fills this F32 tensor from an array, beginning at {@code from}. */
  public void copyFrom(float[] values, int from) {
    requireArray(values.length, from, "copy from");
    MemorySegment.copy(values, from, segment(), ValueLayout.JAVA_FLOAT, 0, (int) elements());
  }

  /** Copies this F32 tensor into an array, beginning at {@code to}. */
  public void copyTo(float[] values, int to) {
    requireArray(values.length, to, "copy to");
    MemorySegment.copy(segment(), ValueLayout.JAVA_FLOAT, 0, values, to, (int) elements());
  }

  /** The elements of this F32 tensor as a new array. */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(elements())];
    copyTo(values, 0);
    return values;
  }

  /** A copy in memory that lasts longer. */
  public Tensor keep(Memory longer) {
    return longer.copyOf(this);
  }

  private void requireArray(int length, int at, String op) {
    if (dtype != DType.F32) {
      throw TensorException.mismatch(op + " float[]: expected F32, got " + dtype);
    }
    if (at < 0 || length - at < elements()) {
      throw TensorException.mismatch(
          op + " float[]: " + shape + " needs " + elements() + ", got " + (length - at));
    }
  }

  /** Such as {@code F32 [2, 3]}. */
  @Override
  public String toString() {
    return dtype + " " + shape + (isValid() ? "" : " (ended)");
  }
}
