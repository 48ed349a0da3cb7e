package dev.nagare.models.onnx;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Graph;
import dev.nagare.graph.pass.RemoveDeadCode;
import dev.nagare.models.onnx.proto.ElementType;
import dev.nagare.models.onnx.proto.GraphProto;
import dev.nagare.models.onnx.proto.ModelProto;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.models.onnx.proto.TensorProto;
import dev.nagare.models.onnx.proto.ValueInfoProto;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Makes a graph of a checked model: inputs, then nodes in order, then outputs. */
final class GraphImporter {
  private final ModelProto model;
  private final Function<TensorProto, Tensor> load;
  private final Memory memory;
  private final Map<String, Long> sizes;
  private final Map<String, String> parameters = new HashMap<>();
  private final Set<String> open = new TreeSet<>();

  /**
   * Prepares to import.
   *
   * @param sizes numbers for names of sizes
   */
  GraphImporter(
      ModelProto model,
      Function<TensorProto, Tensor> load,
      Memory memory,
      Map<String, Long> sizes) {
    this.sizes = sizes;
    this.model = model;
    this.load = load;
    this.memory = memory;
  }

  Graph graph(Map<String, Tensor> known) {
    GraphProto proto = model.graph();
    var graph = new Graph(proto.name().isEmpty() ? "onnx" : proto.name());
    var folding = new Folding(memory);
    long opset = Objects.requireNonNull(model.opset(""));
    var names = new NameScope(graph, null, opset, load, memory, folding);
    Set<String> constants = new HashSet<>();
    proto.initializers().forEach(tensor -> constants.add(tensor.name()));
    Set<String> unused = new HashSet<>(known.keySet());
    for (ValueInfoProto input : proto.inputs()) {
      Tensor value = known.get(input.name());
      if (value != null) {
        unused.remove(input.name());
        check(fact(input), value);
        names.define(input.name(), graph.constant(input.name(), value));
      } else if (!constants.contains(input.name())) {
        names.define(input.name(), graph.input(input.name(), fact(input)));
      }
    }
    if (!unused.isEmpty()) {
      throw new OnnxException("known " + unused + ": the model has no such inputs");
    }
    if (!open.containsAll(sizes.keySet())) {
      throw new OnnxException(
          "sizes " + new TreeSet<>(sizes.keySet()) + ": expected some of " + open);
    }
    names.constants(proto);
    names.addAll(proto);
    for (ValueInfoProto output : proto.outputs()) {
      graph.output(output.name(), names.value(output.name()));
    }
    new RemoveDeadCode().apply(graph);
    return graph;
  }

  private Fact fact(ValueInfoProto input) {
    String what = "input " + input.name();
    DType dtype = ElementType.dtype(input.elementType(), what);
    if (input.shape() == null) {
      throw new OnnxException(what + ": the file does not say how many axes it has");
    }
    List<Dim> shape = new ArrayList<>();
    for (ValueInfoProto.Size size : input.shape()) {
      shape.add(
          size.value() >= 0 ? Dim.of(size.value()) : named(input, size, shape.size()).bind(sizes));
    }
    return Fact.of(dtype, shape);
  }

  /** A size by its name; by input and axis where it has none, or one that reads as arithmetic. */
  private Dim named(ValueInfoProto input, ValueInfoProto.Size size, int axis) {
    String place = input.name() + "." + axis;
    String parameter = size.parameter();
    if (parameter.isEmpty()) {
      open.add(place);
      return Dim.named(place);
    }
    boolean plain =
        parameter.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '.');
    boolean number = Character.isDigit(parameter.charAt(0));
    String name = plain && !number ? parameter : parameters.computeIfAbsent(parameter, _ -> place);
    open.add(name);
    return Dim.named(name);
  }

  private static void check(Fact expected, Tensor value) {
    boolean fits = value.dtype() == expected.dtype() && value.shape().rank() == expected.rank();
    for (int i = 0; fits && i < expected.rank(); i++) {
      Dim size = expected.dim(i);
      fits = !size.isKnown() || size.is(value.dim(i));
    }
    if (!fits) {
      throw new OnnxException("known input " + value + ": expected " + expected);
    }
  }
}
