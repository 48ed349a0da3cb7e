package dev.nagare.streaming.protocol;

import java.util.Arrays;

/**
 * A named FP32 tensor on the wire, row-major.
 *
 * @param name as in the model's metadata
 * @param shape of the data, batch included; its product is the length of {@code data}
 * @param data owned by this record; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // a value on the wire, compared by nobody
public record TensorData(String name, long[] shape, float[] data) {
  @Override
  public String toString() {
    return name + " FP32 " + Arrays.toString(shape);
  }
}
