package dev.nagare.io;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A tensor's exact bits in a checkpoint: element size, axes, then elements in row-major order,
 * little-endian as in safetensors.
 */
public final class TensorBytes {
  private TensorBytes() {}

  /** Writes a tensor. */
  public static void write(Tensor tensor, DataOutput out) throws IOException {
    out.writeByte(tensor.dtype().bytes());
    out.writeByte(tensor.shape().rank());
    for (int axis = 0; axis < tensor.shape().rank(); axis++) {
      out.writeLong(tensor.dim(axis));
    }
    byte[] array = new byte[size(tensor)];
    MemorySegment bytes = MemorySegment.ofArray(array);
    MemorySegment.copy(
        tensor.segment(), here(tensor), 0, bytes, stored(tensor), 0, tensor.elements());
    out.write(array);
  }

  /**
   * Reads a tensor that {@link #write} wrote into one of the same dtype and shape.
   *
   * @throws IOException if it has another dtype or shape, or the input ends early
   */
  public static void read(Tensor tensor, DataInput in) throws IOException {
    boolean fits = in.readByte() == tensor.dtype().bytes();
    fits &= in.readByte() == tensor.shape().rank();
    for (int axis = 0; fits && axis < tensor.shape().rank(); axis++) {
      fits = in.readLong() == tensor.dim(axis);
    }
    if (!fits) {
      throw new IOException("checkpoint: expected a tensor " + tensor + ", found another");
    }
    byte[] array = new byte[size(tensor)];
    in.readFully(array);
    MemorySegment bytes = MemorySegment.ofArray(array);
    MemorySegment.copy(
        bytes, stored(tensor), 0, tensor.segment(), here(tensor), 0, tensor.elements());
  }

  /** One element in memory; of the same size as {@link #stored}, so bits are copied as they are. */
  private static ValueLayout here(Tensor tensor) {
    return tensor.dtype() == DType.F32 ? ValueLayout.JAVA_FLOAT : ValueLayout.JAVA_DOUBLE;
  }

  private static ValueLayout stored(Tensor tensor) {
    ValueLayout unaligned =
        tensor.dtype() == DType.F32
            ? ValueLayout.JAVA_FLOAT_UNALIGNED
            : ValueLayout.JAVA_DOUBLE_UNALIGNED;
    return unaligned.withOrder(ByteOrder.LITTLE_ENDIAN);
  }

  private static int size(Tensor tensor) {
    return Math.toIntExact(tensor.elements() * tensor.dtype().bytes());
  }
}
