package dev.nagare.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A multi-dimensional view on off-heap memory.
 *
 * <p>A tensor owns nothing: its {@link Memory} does. Every public call checks that the memory is
 * still what it was when the tensor was made, and throws {@link TensorException} of kind CLOSED if
 * not. Safe for reading by any number of threads that hold a lease on the memory or work inside its
 * lifetime; writing is for one thread at a time. Counterpart: {@code torch.Tensor}.
 *
 * <p>Memory hands out <em>contiguous</em> tensors: elements one after the other in row-major order.
 * A view such as {@link #transpose} keeps the elements where they are and has {@link #strides} of
 * its own; what is written to it is seen by every view of the same memory. Kernels ask for {@link
 * #segment}, which refuses what is not contiguous; {@link #contiguous} makes it so. A position, in
 * {@link #get} and the like, is always row-major in the view's own shape.
 */
public final class Tensor {
  private final Memory memory;
  private final long generation;
  private final MemorySegment segment; // begins with the first element, ends with the last
  private final DType dtype;
  private final Shape shape;
  private final long @Nullable [] strides; // null for contiguous

  Tensor(Memory memory, MemorySegment segment, DType dtype, Shape shape) {
    this(memory, segment, dtype, shape, null);
  }

  private Tensor(
      Memory memory, MemorySegment segment, DType dtype, Shape shape, long @Nullable [] strides) {
    this.memory = memory;
    this.generation = memory.generation();
    this.segment = segment;
    this.dtype = dtype;
    this.shape = shape;
    this.strides = strides;
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

  /** Elements from one to the next along each axis, as a copy; 0 along an expanded axis. */
  public long[] strides() {
    return strides == null ? Strides.rowMajor(shape) : strides.clone();
  }

  /** Elements from one to the next along an axis; a negative axis counts from the last. */
  public long stride(int axis) {
    int at = Views.axis("stride", this, axis);
    if (strides != null) {
      return strides[at];
    }
    long stride = 1;
    for (int i = shape.rank() - 1; i > at; i--) {
      stride *= Math.max(1, shape.dim(i));
    }
    return stride;
  }

  /** Whether the elements lie one after the other in row-major order. */
  public boolean isContiguous() {
    return strides == null;
  }

  /**
   * Whether the elements lie one after the other in the order of some permutation of the axes: no
   * gaps, none twice.
   */
  public boolean isDense() {
    return strides == null || Strides.isDense(shape, strides);
  }

  /**
   * The bytes of a contiguous tensor, for kernels; valid as long as the tensor is.
   *
   * @throws TensorException kind CLOSED if the memory was reset or given back, MISMATCH if this
   *     tensor is not contiguous
   */
  public MemorySegment segment() {
    if (strides != null || memory.generation() != generation) {
      throw notASegment();
    }
    return segment;
  }

  /**
   * The bytes from the first element to the last, for code that goes by {@link #strides}; valid as
   * long as the tensor is.
   *
   * @throws TensorException kind CLOSED if the memory was reset or given back
   */
  public MemorySegment base() {
    if (memory.generation() != generation) {
      throw ended();
    }
    return segment;
  }

  private TensorException notASegment() {
    return memory.generation() != generation
        ? ended()
        : TensorException.mismatch(
            "tensor "
                + this
                + ": its elements do not lie in row-major order, as is needed here; copy it with"
                + " contiguous(memory), or go by base() and strides()");
  }

  private TensorException ended() {
    return new TensorException(
        TensorException.Kind.CLOSED,
        "tensor " + dtype + " " + shape + ": used after its end: " + memory.describe());
  }

  /** Whether calls still work. */
  public boolean isValid() {
    return memory.generation() == generation;
  }

  /** The element at a row-major position, widened to f64; of I64 beyond 2⁵³ the nearest. */
  public double get(long index) {
    return Elements.get(base(), dtype, offset(index));
  }

  /** The element at a row-major position; a floating point number is cut towards zero. */
  public long getLong(long index) {
    return Elements.getLong(base(), dtype, offset(index));
  }

  /**
   * Sets the element at a row-major position, rounded to the dtype.
   *
   * <p>To an integer dtype the value is cut towards zero, then held to the dtype's range, NaN
   * becomes 0; to BOOL everything but 0 becomes 1.
   */
  public void set(long index, double value) {
    Elements.set(writable(), dtype, offset(index), value);
  }

  /** Sets the element at a row-major position, as {@link #set} does. */
  public void setLong(long index, long value) {
    Elements.setLong(writable(), dtype, offset(index), value);
  }

  /** Where the element at a row-major position is, counted from the first. */
  long offset(long index) {
    if (strides == null) {
      return index; // the segment checks it
    }
    Objects.checkIndex(index, shape.elements());
    return Strides.offset(shape, strides, index);
  }

  /**
   * The same elements in another shape, as a view; one size may be -1 and follows from the others.
   *
   * @throws TensorException kind MISMATCH if the number of elements differs, or if the strides do
   *     not allow it without a copy: then reshape {@link #contiguous}
   */
  public Tensor reshape(long... dims) {
    return Views.reshape(this, dims);
  }

  /** Whether {@link #reshape} to these sizes, one of which may be -1, needs no copy. */
  public boolean canReshape(long... dims) {
    return Views.canReshape(this, dims);
  }

  /** A view of rows {@code start .. start + length - 1} of the first axis. */
  public Tensor narrow(long start, long length) {
    if (shape.rank() == 0 || start < 0 || length < 0 || start > dim(0) - length) {
      throw TensorException.mismatch(
          "narrow: rows " + start + " to " + (start + length) + " of " + shape);
    }
    if (strides != null) {
      return Views.narrow(this, 0, start, length);
    }
    long[] dims = shape.toArray();
    dims[0] = length;
    Shape part = Shape.of(dims);
    long rowBytes = dim(0) == 0 ? 0 : elements() / dim(0) * dtype.bytes();
    return new Tensor(memory, segment().asSlice(start * rowBytes, length * rowBytes), dtype, part);
  }

  /** A view of positions {@code start .. start + length - 1} of an axis. */
  public Tensor narrow(int axis, long start, long length) {
    return Views.narrow(this, axis, start, length);
  }

  /**
   * A view of every {@code step}-th position of an axis from {@code start} up to but not including
   * {@code end}; negative ones count from the end. Unlike a Python slice it refuses what is beyond.
   */
  public Tensor slice(int axis, long start, long end, long step) {
    return Views.slice(this, axis, start, end, step);
  }

  /** A view of one position of an axis, without that axis; a negative index counts from the end. */
  public Tensor select(int axis, long index) {
    return Views.select(this, axis, index);
  }

  /** A view with the axes in another order: axis i of it is axis {@code axes[i]} of this. */
  public Tensor permute(int... axes) {
    return Views.permute(this, axes);
  }

  /** A view with two axes exchanged. */
  public Tensor transpose(int a, int b) {
    return Views.transpose(this, a, b);
  }

  /**
   * A view that repeats axes of size 1, and adds repeated axes in front; -1 keeps a size. To be
   * read: {@link #copyFrom} and {@link #fill} refuse it, since many positions are one element.
   */
  public Tensor expand(long... dims) {
    return Views.expand(this, dims);
  }

  /** A view without an axis of size 1; one of another size is refused, unlike in PyTorch. */
  public Tensor squeeze(int axis) {
    return Views.squeeze(this, axis);
  }

  /** A view with an axis of size 1 before an axis; -1 adds it at the end. */
  public Tensor unsqueeze(int axis) {
    return Views.unsqueeze(this, axis);
  }

  /**
   * A view of some of the bytes of a contiguous U8 tensor as a tensor of its own: how a block that
   * was laid out beforehand is given names.
   *
   * @param byteOffset where it begins, a multiple of the size of an element
   * @throws TensorException kind MISMATCH if it does not fit
   */
  public Tensor part(long byteOffset, DType type, Shape of) {
    long bytes = of.elements() * type.bytes();
    if (dtype != DType.U8
        || byteOffset < 0
        || byteOffset % type.bytes() != 0
        || byteOffset > elements() - bytes) {
      throw TensorException.mismatch(
          "part: "
              + type
              + " "
              + of
              + " from byte "
              + byteOffset
              + " of "
              + this
              + ", expected a U8 tensor with room for it and an aligned offset");
    }
    return new Tensor(memory, segment().asSlice(byteOffset, bytes), type, of);
  }

  /** A view that begins at an element and has these sizes and strides, checked by the caller. */
  Tensor view(long first, Shape to, long[] steps) {
    long extent = Strides.extent(to, steps) * dtype.bytes();
    MemorySegment part = base().asSlice(extent == 0 ? 0 : first * dtype.bytes(), extent);
    return new Tensor(memory, part, dtype, to, Strides.isRowMajor(to, steps) ? null : steps);
  }

  /** This contiguous tensor with another shape of as many elements. */
  Tensor view(Shape to) {
    return new Tensor(memory, segment(), dtype, to);
  }

  /** This tensor if it is contiguous, otherwise a copy that is. */
  public Tensor contiguous(Memory memory) {
    if (strides != null) {
      return memory.copyOf(this);
    }
    var _ = segment(); // alive?
    return this;
  }

  /**
   * A contiguous copy with another element type, each element rounded once.
   *
   * <p>To an integer dtype a number is cut towards zero, then held to the dtype's range (PyTorch
   * wraps around), NaN becomes 0. To BOOL everything but 0 becomes 1.
   */
  public Tensor to(DType dtype, Memory memory) {
    if (dtype == this.dtype) {
      return memory.copyOf(this);
    }
    Tensor converted = memory.empty(dtype, shape);
    Elements.convert(this, converted);
    return converted;
  }

  /** Copies a tensor of the same shape and any dtype, converted as by {@link #to}. */
  public void convertFrom(Tensor source) {
    if (!source.shape.equals(shape)) {
      throw TensorException.mismatch("convert: expected " + shape + ", got " + source);
    }
    requireOnePlaceEach("convert");
    var _ = writable();
    if (source.dtype == dtype) {
      copyFrom(source);
    } else {
      Elements.convert(source, this);
    }
  }

  /** Sets all elements to 0. */
  public void zero() {
    if (strides == null) {
      writable().fill((byte) 0);
    } else {
      requireOnePlaceEach("zero");
      fill(0);
    }
  }

  /** Sets all elements to a value, rounded as by {@link #set}. */
  public void fill(double value) {
    requireOnePlaceEach("fill");
    for (long i = 0; i < elements(); i++) {
      set(i, value);
    }
  }

  /** Copies all elements of a tensor with the same dtype and shape, of any strides. */
  public void copyFrom(Tensor source) {
    if (source.dtype != dtype || !source.shape.equals(shape)) {
      throw TensorException.mismatch(
          "copy: expected " + dtype + " " + shape + ", got " + source.dtype + " " + source.shape);
    }
    if (strides == null && source.strides == null) {
      MemorySegment.copy(source.segment(), 0, writable(), 0, elements() * dtype.bytes());
    } else {
      requireOnePlaceEach("copy");
      var _ = writable();
      StridedCopy.run(source, this);
    }
  }

  /**
   * Fills this tensor with bytes that {@link #copyTo(ByteBuffer)} gave, from the buffer's position
   * on, which moves.
   *
   * <p>A byte of a BOOL that is neither 0 nor 1 reads as 1.
   */
  public void copyFrom(ByteBuffer bytes) {
    requireBytes(bytes, "copy from");
    requireOnePlaceEach("copy");
    var _ = writable();
    Elements.fromBytes(bytes, this);
  }

  /**
   * Copies the elements in row-major order, little-endian, into a buffer from its position on,
   * which moves.
   */
  public void copyTo(ByteBuffer bytes) {
    requireBytes(bytes, "copy to");
    Elements.toBytes(this, 0, elements(), bytes);
  }

  /**
   * Copies as many elements from a row-major position on as there are and as the buffer has room
   * for, little-endian, and moves the buffer's position; returns how many.
   */
  public long copyTo(long from, ByteBuffer bytes) {
    long count = Math.min(bytes.remaining() / dtype.bytes(), elements() - from);
    Objects.checkFromIndexSize(from, count, elements());
    Elements.toBytes(this, from, count, bytes);
    return count;
  }

  /** Fills this F32 tensor from an array, beginning at {@code from}. */
  public void copyFrom(float[] values, int from) {
    requireArray(values.length, from, "copy from");
    requireOnePlaceEach("copy");
    if (strides == null) {
      MemorySegment.copy(values, from, writable(), ValueLayout.JAVA_FLOAT, 0, (int) elements());
    } else {
      for (int i = 0; i < elements(); i++) {
        set(i, values[from + i]);
      }
    }
  }

  /** Copies this F32 tensor into an array, beginning at {@code to}. */
  public void copyTo(float[] values, int to) {
    requireArray(values.length, to, "copy to");
    if (strides == null) {
      MemorySegment.copy(segment(), ValueLayout.JAVA_FLOAT, 0, values, to, (int) elements());
    } else {
      for (int i = 0; i < elements(); i++) {
        values[to + i] = (float) get(i);
      }
    }
  }

  /** The elements of this F32 tensor as a new array. */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(elements())];
    copyTo(values, 0);
    return values;
  }

  /** A contiguous copy in memory that lasts longer. */
  public Tensor keep(Memory longer) {
    return longer.copyOf(this);
  }

  /** Whether this tensor belongs to a mapped file, so that whatever writes to it is refused. */
  public boolean isReadOnly() {
    return segment.isReadOnly();
  }

  private MemorySegment writable() {
    if (segment.isReadOnly()) {
      throw TensorException.mismatch(
          "tensor "
              + this
              + ": belongs to a mapped file and is read-only; write to a keep(memory)");
    }
    return base();
  }

  private void requireOnePlaceEach(String op) {
    if (strides != null && Strides.repeats(shape, strides)) {
      throw TensorException.mismatch(
          op + ": " + this + " is expanded, many positions are one element; write to the original");
    }
  }

  private void requireBytes(ByteBuffer bytes, String op) {
    if (bytes.remaining() < elements() * dtype.bytes()) {
      throw TensorException.mismatch(
          op
              + " bytes: "
              + this
              + " needs "
              + elements() * dtype.bytes()
              + ", got "
              + bytes.remaining());
    }
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

  /** Whether another contiguous tensor has the same dtype, shape and bits. */
  public boolean hasSameBits(Tensor other) {
    return dtype == other.dtype
        && shape.equals(other.shape)
        && segment().mismatch(other.segment()) < 0;
  }

  /** Such as {@code F32 [2, 3]}, or {@code F32 [3, 2] strides [1, 3]}. */
  @Override
  public String toString() {
    return dtype
        + " "
        + shape
        + (strides == null ? "" : " strides " + Arrays.toString(strides))
        + (isValid() ? "" : " (ended)");
  }
}
