package dev.nagare.io;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A tensor's exact bits in a checkpoint: code of the dtype, axes, then elements in row-major order,
 * whatever the strides, little-endian as in safetensors.
 */
public final class TensorBytes {
  private TensorBytes() {}

  /** Writes a tensor. */
  public static void write(Tensor tensor, DataOutput out) throws IOException {
    out.writeByte(code(tensor.dtype()));
    out.writeByte(tensor.shape().rank());
    for (int axis = 0; axis < tensor.shape().rank(); axis++) {
      out.writeLong(tensor.dim(axis));
    }
    byte[] array = new byte[size(tensor)];
    tensor.copyTo(ByteBuffer.wrap(array));
    out.write(array);
  }

  /**
   * Reads a tensor that {@link #write} wrote into one of the same dtype and shape.
   *
   * @throws IOException if it has another dtype or shape, or the input ends early
   */
  public static void read(Tensor tensor, DataInput in) throws IOException {
    boolean fits = in.readByte() == code(tensor.dtype());
    fits &= in.readByte() == tensor.shape().rank();
    for (int axis = 0; fits && axis < tensor.shape().rank(); axis++) {
      fits = in.readLong() == tensor.dim(axis);
    }
    if (!fits) {
      throw new IOException("checkpoint: expected a tensor " + tensor + ", found another");
    }
    byte[] array = new byte[size(tensor)];
    in.readFully(array);
    tensor.copyFrom(ByteBuffer.wrap(array));
  }

  /** The size of an element for the first two, as before there were others of the same size. */
  private static int code(DType dtype) {
    return switch (dtype) {
      case F32 -> 4;
      case F64 -> 8;
      case BF16 -> 0x12;
      case I64 -> 0x28;
      case I32 -> 0x24;
      case U8 -> 0x31;
      case BOOL -> 0x41;
    };
  }

  private static int size(Tensor tensor) {
    return Math.toIntExact(tensor.elements() * tensor.dtype().bytes());
  }
}
