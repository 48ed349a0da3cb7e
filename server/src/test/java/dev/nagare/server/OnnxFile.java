package dev.nagare.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An ONNX file of opset 13, written field by field. */
final class OnnxFile {
  static final int FLOAT = 1;
  static final int INT64 = 7;

  private final ByteArrayOutputStream graph = new ByteArrayOutputStream();

  /**
   * An input.
   *
   * @param dims texts for open sizes, numbers for known ones
   */
  OnnxFile input(String name, int type, Object... dims) {
    graph.writeBytes(bytes(11, value(name, type, dims)));
    return this;
  }

  /** An output, as an input. */
  OnnxFile output(String name, int type, Object... dims) {
    graph.writeBytes(bytes(12, value(name, type, dims)));
    return this;
  }

  /** A constant. */
  OnnxFile floats(String name, int[] dims, float... values) {
    var tensor = new ByteArrayOutputStream();
    for (int dim : dims) {
      tensor.writeBytes(number(1, dim));
    }
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    tensor.writeBytes(number(2, FLOAT));
    tensor.writeBytes(text(8, name));
    tensor.writeBytes(bytes(9, raw.array()));
    graph.writeBytes(bytes(5, tensor.toByteArray()));
    return this;
  }

  /** A node of one output. */
  OnnxFile node(String operator, List<String> inputs, String output) {
    var node = new ByteArrayOutputStream();
    inputs.forEach(input -> node.writeBytes(text(1, input)));
    node.writeBytes(text(2, output));
    node.writeBytes(text(3, operator + " of " + output));
    node.writeBytes(text(4, operator));
    graph.writeBytes(bytes(1, node.toByteArray()));
    return this;
  }

  /** Writes the file, and the folders that it lies in. */
  Path write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    return Files.write(
        file,
        all(
            number(1, 8),
            bytes(7, all(text(2, "graph"), graph.toByteArray())),
            bytes(8, all(text(1, ""), number(2, 13)))));
  }

  private static byte[] value(String name, int type, Object... dims) {
    var shape = new ByteArrayOutputStream();
    for (Object dim : dims) {
      shape.writeBytes(bytes(1, dim instanceof Integer size ? number(1, size) : text(2, "" + dim)));
    }
    byte[] tensor = all(number(1, type), bytes(2, shape.toByteArray()));
    return all(text(1, name), bytes(2, bytes(1, tensor)));
  }

  private static byte[] text(int field, String text) {
    return bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] bytes(int field, byte[] content) {
    return all(new byte[] {(byte) (field << 3 | 2)}, varint(content.length), content);
  }

  private static byte[] number(int field, int value) {
    return all(new byte[] {(byte) (field << 3)}, varint(value));
  }

  private static byte[] varint(int value) {
    var bytes = new ByteArrayOutputStream();
    int rest = value;
    for (; rest > 0x7f; rest >>>= 7) {
      bytes.write((rest & 0x7f) | 0x80);
    }
    bytes.write(rest);
    return bytes.toByteArray();
  }

  private static byte[] all(byte[]... parts) {
    var joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }
}
