package dev.nagare.io;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
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
    ByteBuffer bytes = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < tensor.elements(); i++) {
      if (tensor.dtype() == DType.F32) {
        bytes.putFloat((float) tensor.get(i));
      } else {
        bytes.putDouble(tensor.get(i));
      }
    }
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
    ByteBuffer bytes = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < tensor.elements(); i++) {
      tensor.set(i, tensor.dtype() == DType.F32 ? bytes.getFloat() : bytes.getDouble());
    }
  }

  private static int size(Tensor tensor) {
    return Math.toIntExact(tensor.elements() * tensor.dtype().bytes());
  }
}
