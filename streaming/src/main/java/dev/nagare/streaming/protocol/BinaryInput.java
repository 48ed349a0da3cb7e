package dev.nagare.streaming.protocol;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.Arrays;

/** One input of the binary tensor extension, copied from the payload to pooled memory. */
final class BinaryInput {
  private BinaryInput() {}

  /**
   * Reads the next tensor.
   *
   * @param path of the input, for refusals
   * @param bytes that the caller says it has
   * @throws ProtocolException status 400 if shape, size and payload do not agree
   */
  static Tensor read(
      String path, DType dtype, long[] shape, long bytes, Payload from, PooledMemory memory) {
    long needed = DataArray.elements(path, shape) * dtype.bytes();
    if (needed != bytes) {
      throw RequestReader.refused(
          path
              + ": unexpected size: "
              + dtype.openInferenceName()
              + " "
              + Arrays.toString(shape)
              + " takes "
              + needed
              + " bytes, binary_data_size says "
              + bytes);
    }
    if (from.remaining() < bytes) {
      throw RequestReader.refused(
          path
              + ": unexpected size: expected "
              + bytes
              + " bytes after the JSON and the inputs before it, got "
              + from.remaining());
    }
    Tensor room = memory.empty(DType.U8, Shape.of(bytes));
    from.read(room);
    if (dtype == DType.BOOL) {
      requireFlags(path, room);
    }
    return room.part(0, dtype, Shape.of(shape));
  }

  private static void requireFlags(String path, Tensor bytes) {
    for (long i = 0; i < bytes.elements(); i++) {
      if (bytes.getLong(i) > 1) {
        throw RequestReader.refused(
            path + ": BOOL: expected bytes 0 and 1, got " + bytes.getLong(i) + " at " + i);
      }
    }
  }
}
