package dev.nagare.loadtest.onnx;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * An ONNX model being written: nodes in order, initialisers as raw data, inputs and outputs with
 * sizes of which some are names.
 *
 * <p>Used by one thread. Source: onnx.proto3 of ONNX 1.16; field numbers are those of ModelProto,
 * GraphProto, NodeProto, AttributeProto, TensorProto and ValueInfoProto.
 */
public final class OnnxGraph {
  /** Since 4 an initialiser that is no input is a constant, which both sides may fold. */
  static final int IR_VERSION = 8;

  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  private final ProtoMessage graph = new ProtoMessage();
  private int nodes;

  /** A graph of this name, empty. */
  public OnnxGraph(String name) {
    graph.text(2, name);
  }

  /** An input of floats; a size is a number or a name. */
  public void input(String name, Object... sizes) {
    graph.message(11, value(name, sizes));
  }

  /** An output of floats. */
  public void output(String name, Object... sizes) {
    graph.message(12, value(name, sizes));
  }

  private static ProtoMessage value(String name, Object... sizes) {
    var shape = new ProtoMessage();
    for (Object size : sizes) {
      var dim = new ProtoMessage();
      if (size instanceof Number number) {
        dim.number(1, number.longValue());
      } else {
        dim.text(2, size.toString());
      }
      shape.message(1, dim);
    }
    var tensor = new ProtoMessage().number(1, FLOAT).message(2, shape);
    return new ProtoMessage().text(1, name).message(2, new ProtoMessage().message(1, tensor));
  }

  /** Floats, row-major, asked for when the file is written. */
  public void floats(String name, Supplier<float[]> values, long... dims) {
    int count = Math.toIntExact(Arrays.stream(dims).reduce(1, Math::multiplyExact));
    ProtoMessage tensor = tensor(name, FLOAT, dims);
    graph.message(5, tensor.floats(9, count, values));
  }

  /** Whole numbers: a list, or one if there are no dimensions. */
  public void longs(String name, long[] values, long... dims) {
    graph.message(5, tensor(name, INT64, dims).bytes(9, bytes(values)));
  }

  private static ProtoMessage tensor(String name, int type, long... dims) {
    var tensor = new ProtoMessage();
    for (long dim : dims) {
      tensor.number(1, dim);
    }
    return tensor.number(2, type).text(8, name);
  }

  private static byte[] bytes(long... values) {
    var bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return bytes.array();
  }

  /** A node; an input that is left out is an empty name. */
  public void node(String op, List<String> inputs, String output, Attribute... attributes) {
    var node = new ProtoMessage();
    inputs.forEach(input -> node.text(1, input));
    node.text(2, output).text(3, op + "_" + nodes++).text(4, op);
    for (Attribute attribute : attributes) {
      node.message(5, attribute.message);
    }
    graph.message(1, node);
  }

  /** A field of the graph as it stands in another file. */
  void copy(ProtoField field) {
    graph.bytes(field.number(), field.toArray());
  }

  /** Writes it, with the operators of an opset. */
  public void write(Path file, int opset) throws IOException {
    var model =
        new ProtoMessage()
            .number(1, IR_VERSION)
            .text(2, "nagare")
            .message(7, graph)
            .message(8, new ProtoMessage().text(1, "").number(2, opset));
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      model.writeTo(out);
    }
  }

  /** A setting of a node. */
  public static final class Attribute {
    private final ProtoMessage message;

    private Attribute(ProtoMessage message) {
      this.message = message;
    }

    /** A whole number. */
    public static Attribute of(String name, long value) {
      return new Attribute(new ProtoMessage().text(1, name).number(3, value).number(20, 2));
    }

    /** Whole numbers. */
    public static Attribute of(String name, long... values) {
      var list = new ProtoMessage().text(1, name);
      for (long value : values) {
        list.number(8, value);
      }
      return new Attribute(list.number(20, 7));
    }

    /** A number. */
    public static Attribute of(String name, float value) {
      return new Attribute(new ProtoMessage().text(1, name).real(2, value).number(20, 1));
    }

    /** A tensor of one float. */
    public static Attribute scalar(String name, float value) {
      ProtoMessage tensor = tensor("", FLOAT, 1).floats(9, 1, () -> new float[] {value});
      return new Attribute(new ProtoMessage().text(1, name).message(5, tensor).number(20, 4));
    }
  }
}
