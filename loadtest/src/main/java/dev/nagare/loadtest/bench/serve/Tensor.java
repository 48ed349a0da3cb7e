package dev.nagare.loadtest.bench.serve;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * An input of a request.
 *
 * @param name in the model
 * @param datatype as the protocol names it
 * @param shape sizes, the batch first
 * @param bytes row-major, little-endian
 * @param text the same values as JSON has them
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares two
record Tensor(String name, String datatype, long[] shape, byte[] bytes, String text) {
  private static final long SEED = 6;

  /** Floats between 0 and 1, by seed. */
  static Tensor floats(String name, long... shape) {
    var random = new SplittableRandom(SEED);
    int count = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
    ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    var text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      float value = (float) random.nextDouble();
      bytes.putFloat(value);
      text.append(i == 0 ? "" : ",").append(value);
    }
    return new Tensor(name, "FP32", shape, bytes.array(), text.toString());
  }

  /** A row so many times. */
  Tensor times(int rows) {
    long[] sizes = shape.clone();
    sizes[0] *= rows;
    ByteBuffer all = ByteBuffer.allocate(rows * bytes.length);
    for (int i = 0; i < rows; i++) {
      all.put(bytes);
    }
    String texts = String.join(",", Collections.nCopies(rows, text));
    return new Tensor(name, datatype, sizes, all.array(), texts);
  }

  /** Whole numbers, a row. */
  static Tensor longs(String name, long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    String text = Arrays.stream(values).mapToObj(Long::toString).collect(Collectors.joining(","));
    return new Tensor(name, "INT64", new long[] {1, values.length}, bytes.array(), text);
  }

  /** The sizes as JSON has them. */
  String sizes() {
    return Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
