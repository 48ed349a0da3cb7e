package dev.nagare.models.onnx.export;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.models.onnx.proto.ElementType;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of an ONNX graph being written. A value of it goes by its name. Field numbers are those
 * of {@code GraphProto}, {@code NodeProto}, {@code TensorProto} and {@code ValueInfoProto}.
 */
final class ExportGraph {
  private final Graph graph;
  private final Memory memory;
  private final ProtoWriter proto = new ProtoWriter();
  private final IdentityHashMap<Value, String> names = new IdentityHashMap<>();
  private final Map<String, String> sizes = new HashMap<>();
  private final Set<String> used = new HashSet<>();
  private int unnamed;

  /**
   * Begins with inputs and constants.
   *
   * @param memory for constants that ONNX needs beside them; to last until it is written
   */
  ExportGraph(Graph graph, Memory memory) {
    this.graph = graph;
    this.memory = memory;
    proto.text(2, graph.name());
    used.addAll(graph.outputNames());
    for (Value input : graph.inputs()) {
      name(input, input.name());
      used.add(input.name());
      proto.message(11, described(input.name(), input.fact()));
    }
    for (Value value : graph.constants()) {
      String name = unused(value.name());
      name(value, name);
      proto.message(5, tensor(name, Objects.requireNonNull(value.constant())));
    }
  }

  /** Says by which name a value goes. */
  void name(Value value, String name) {
    names.put(value, name);
  }

  /** The name of a value that was made. */
  String name(Value value) {
    return Objects.requireNonNull(names.get(value), value::name);
  }

  /** The name of a value, an empty one if it is absent, as ONNX has it. */
  String optional(@Nullable Value value) {
    return value == null ? "" : name(value);
  }

  private String unused(String wanted) {
    String name = wanted;
    while (!used.add(name)) {
      name = wanted + "." + ++unnamed;
    }
    return name;
  }

  /** Adds a node with one output, and answers its name. */
  String node(String type, List<String> inputs, Attribute... attributes) {
    return node(type, inputs, 1, attributes).getFirst();
  }

  /** Adds a node with some outputs. */
  List<String> node(String type, List<String> inputs, int outputs, Attribute... attributes) {
    List<String> made = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      made.add(unused(type));
    }
    add(type, inputs, made, attributes);
    return made;
  }

  private void add(
      String type, List<String> inputs, List<String> outputs, Attribute... attributes) {
    var node = new ProtoWriter();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(3, "make " + outputs.getFirst()).text(4, type);
    for (Attribute attribute : attributes) {
      node.message(5, attribute.message());
    }
    proto.message(1, node);
  }

  /** A constant of its own. */
  String constant(Tensor tensor) {
    String name = unused("constant");
    proto.message(5, tensor(name, tensor));
    return name;
  }

  /** One number. */
  String scalar(DType dtype, double value) {
    Tensor tensor = memory.empty(dtype, Shape.of());
    if (dtype.isFloating()) {
      tensor.set(0, value);
    } else {
      tensor.setLong(0, (long) value);
    }
    return constant(tensor);
  }

  /** A tensor of a single axis and element, as an attribute has it. */
  Tensor single(DType dtype, double value) {
    Tensor tensor = memory.empty(dtype, Shape.of(1));
    if (dtype.isFloating()) {
      tensor.set(0, value);
    } else {
      tensor.setLong(0, (long) value);
    }
    return tensor;
  }

  /** Whole numbers, I64. */
  String longs(long... values) {
    return constant(memory.ofLongs(Shape.of(values.length), values));
  }

  /** Sizes as I64, computed from the inputs' shapes where they depend on names. */
  String sizes(List<Dim> dims) {
    if (dims.stream().allMatch(Dim::isKnown)) {
      return longs(dims.stream().mapToLong(Dim::value).toArray());
    }
    var arithmetic = new Sizes();
    List<String> each = dims.stream().map(dim -> dim.in(arithmetic)).toList();
    return each.size() == 1 ? each.getFirst() : node("Concat", each, Attribute.of("axis", 0L));
  }

  /** A named size, {@code [1]}. */
  private String size(String name) {
    String known = sizes.get(name);
    if (known == null) {
      for (Value input : graph.inputs()) {
        int axis = input.fact().shape().indexOf(Dim.named(name));
        if (axis >= 0) {
          String shape = node("Shape", List.of(name(input)));
          known = node("Gather", List.of(shape, longs(axis)), Attribute.of("axis", 0L));
          sizes.put(name, known);
          return known;
        }
      }
      throw new IllegalArgumentException(
          "onnx: size " + name + " is that of no input's axis, so a file cannot compute it");
    }
    return known;
  }

  /** Nodes that compute a size, each {@code [1]}. */
  private final class Sizes implements Dim.Arithmetic<String> {
    @Override
    public String number(long value) {
      return longs(value);
    }

    @Override
    public String named(String name) {
      return size(name);
    }

    @Override
    public String plus(String left, String right) {
      return node("Add", List.of(left, right));
    }

    @Override
    public String times(String left, String right) {
      return node("Mul", List.of(left, right));
    }

    @Override
    public String floorDiv(String dividend, long divisor) {
      return node("Div", List.of(dividend, longs(divisor)));
    }
  }

  /** Ends with the outputs. */
  ProtoWriter end() {
    for (int i = 0; i < graph.outputs().size(); i++) {
      Value output = graph.outputs().get(i);
      String name = graph.outputNames().get(i);
      add("Identity", List.of(name(output)), List.of(name));
      proto.message(12, described(name, output.fact()));
    }
    return proto;
  }

  private static ProtoWriter described(String name, Fact fact) {
    var shape = new ProtoWriter();
    for (Dim dim : fact.shape()) {
      var size = new ProtoWriter();
      if (dim.isKnown()) {
        size.number(1, dim.value());
      } else if (dim.equals(Dim.named(dim.toString()))) {
        size.text(2, dim.toString());
      }
      shape.message(1, size);
    }
    var type = new ProtoWriter().number(1, ElementType.number(fact.dtype())).message(2, shape);
    return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, type));
  }

  static ProtoWriter tensor(String name, Tensor tensor) {
    var proto = new ProtoWriter();
    for (long dim : tensor.shape().toArray()) {
      proto.number(1, dim);
    }
    return proto.number(2, ElementType.number(tensor.dtype())).text(8, name).elements(9, tensor);
  }
}
