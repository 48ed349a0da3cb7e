package dev.nagare.models.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Small model files for tests, part by part. */
final class OnnxBytes {
  static final int FLOAT = 1;
  static final int INT64 = 7;
  static final int BOOL = 9;
  static final int FLOAT16 = 10;

  private final Wire graph = new Wire().text(2, "test");
  private final Wire model = new Wire().varint(1, 8);
  private boolean opset;

  OnnxBytes opset(long version) {
    return opset("", version);
  }

  OnnxBytes opset(String domain, long version) {
    opset = true;
    model.message(8, new Wire().text(1, domain).varint(2, version));
    return this;
  }

  /** An input; a size is a number or a name, an empty one for none. */
  OnnxBytes input(String name, int type, Object... sizes) {
    graph.message(11, value(name, type, sizes));
    return this;
  }

  OnnxBytes output(String name) {
    graph.message(12, new Wire().text(1, name));
    return this;
  }

  OnnxBytes constant(Wire tensor) {
    graph.message(5, tensor);
    return this;
  }

  OnnxBytes node(Wire node) {
    graph.message(1, node);
    return this;
  }

  OnnxBytes node(String type, List<String> inputs, String output, Wire... attributes) {
    return node(nodeOf(type, inputs, List.of(output), attributes));
  }

  /** The graph alone, to be a branch. */
  Wire branch() {
    return graph;
  }

  byte[] bytes() {
    if (!opset) {
      opset(17);
    }
    return new Wire().raw(toInts(model.bytes())).message(7, graph).bytes();
  }

  private static int[] toInts(byte[] bytes) {
    int[] values = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = bytes[i];
    }
    return values;
  }

  Path write(Path folder) throws IOException {
    return Files.write(folder.resolve("model.onnx"), bytes());
  }

  private static Wire value(String name, int type, Object... sizes) {
    Wire shape = new Wire();
    for (Object size : sizes) {
      Wire dim = new Wire();
      if (size instanceof Number number) {
        dim.varint(1, number.longValue());
      } else if (!size.equals("")) {
        dim.text(2, size.toString());
      }
      shape.message(1, dim);
    }
    Wire tensor = new Wire().varint(1, type).message(2, shape);
    return new Wire().text(1, name).message(2, new Wire().message(1, tensor));
  }

  static Wire nodeOf(String type, List<String> inputs, List<String> outputs, Wire... attributes) {
    Wire node = new Wire();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(3, "my_" + type).text(4, type);
    for (Wire attribute : attributes) {
      node.message(5, attribute);
    }
    return node;
  }

  static Wire integer(String name, long value) {
    return new Wire().text(1, name).varint(3, value).varint(20, 2);
  }

  static Wire integers(String name, long... values) {
    Wire attribute = new Wire().text(1, name);
    for (long value : values) {
      attribute.varint(8, value);
    }
    return attribute.varint(20, 7);
  }

  static Wire tensor(String name, Wire tensor) {
    return new Wire().text(1, name).message(5, tensor).varint(20, 4);
  }

  static Wire subgraph(String name, Wire graph) {
    return new Wire().text(1, name).message(6, graph).varint(20, 5);
  }

  /** A tensor without elements, to be given some. */
  static Wire tensorOf(String name, int type, long... dims) {
    Wire tensor = new Wire();
    for (long dim : dims) {
      tensor.varint(1, dim);
    }
    return tensor.varint(2, type).text(8, name);
  }

  static Wire floats(String name, long[] dims, float... values) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      raw.putFloat(value);
    }
    return tensorOf(name, FLOAT, dims).bytes(9, raw.array());
  }

  static Wire longs(String name, long[] dims, long... values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      raw.putLong(value);
    }
    return tensorOf(name, INT64, dims).bytes(9, raw.array());
  }

  static Wire external(String name, long[] dims, String location, long offset, long length) {
    return tensorOf(name, FLOAT, dims)
        .message(13, new Wire().text(1, "location").text(2, location))
        .message(13, new Wire().text(1, "offset").text(2, Long.toString(offset)))
        .message(13, new Wire().text(1, "length").text(2, Long.toString(length)))
        .varint(14, 1);
  }
}
