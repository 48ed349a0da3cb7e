package dev.nagare.models.onnx;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.pass.RemoveDeadCode;
import dev.nagare.models.onnx.op.ImportScope;
import dev.nagare.models.onnx.op.NodeReader;
import dev.nagare.models.onnx.op.OnnxOperators;
import dev.nagare.models.onnx.proto.AttributeProto;
import dev.nagare.models.onnx.proto.GraphProto;
import dev.nagare.models.onnx.proto.NodeProto;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.models.onnx.proto.TensorProto;
import dev.nagare.models.onnx.proto.ValueInfoProto;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The names of one graph of the model, and behind them those of the graph that it is a branch of.
 */
final class NameScope implements ImportScope {
  private final Graph graph;
  private final @Nullable NameScope outer;
  private final long opset;
  private final Function<TensorProto, Tensor> load;
  private final Memory memory;
  private final Folding folding;
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, TensorProto> constants = new HashMap<>();

  NameScope(
      Graph graph,
      @Nullable NameScope outer,
      long opset,
      Function<TensorProto, Tensor> load,
      Memory memory,
      Folding folding) {
    this.graph = graph;
    this.outer = outer;
    this.opset = opset;
    this.load = load;
    this.memory = memory;
    this.folding = folding;
  }

  /** Makes the constants of a graph known; each becomes a value when it is first read. */
  void constants(GraphProto proto) {
    for (TensorProto tensor : proto.initializers()) {
      if (!values.containsKey(tensor.name())) {
        constants.put(tensor.name(), tensor);
      }
    }
  }

  /** Adds all nodes of a graph. */
  void addAll(GraphProto proto) {
    for (NodeProto node : proto.nodes()) {
      var reader = new NodeReader(node, opset, this);
      try {
        Objects.requireNonNull(OnnxOperators.named(node.type())).add(reader);
      } catch (TensorException | ArithmeticException e) {
        // Of sizes, which a file may choose so that their products overflow.
        throw new OnnxException(reader.describe() + ": " + e.getMessage(), e);
      }
      if (!reader.unread().isEmpty()) {
        throw reader.refuse("attributes " + reader.unread() + " are not known");
      }
    }
  }

  @Override
  public Graph graph() {
    return graph;
  }

  @Override
  public Value value(String name) {
    Value value = values.get(name);
    if (value != null) {
      return value;
    }
    TensorProto constant = constants.get(name);
    if (constant != null) {
      Value made = constant(name, load.apply(constant));
      values.put(name, made);
      return made;
    }
    if (outer == null) {
      throw new OnnxException("value '" + name + "' is made by no node");
    }
    Value outside = outer.value(name);
    Tensor tensor = outside.constant();
    if (outer.graph == graph) {
      return outside;
    }
    if (tensor == null) {
      throw new OnnxException("value '" + name + "' is not seen by its branch");
    }
    Value made = constant(name, tensor);
    values.put(name, made);
    return made;
  }

  private Value constant(String name, Tensor tensor) {
    return graph.value(name) == null
        ? graph.constant(name, tensor)
        : graph.newConstant(name, tensor);
  }

  @Override
  public void define(String name, Value value) {
    values.put(name, value);
  }

  @Override
  public Tensor tensor(TensorProto proto) {
    return load.apply(proto);
  }

  @Override
  public Memory memory() {
    return memory;
  }

  @Override
  public @Nullable Tensor constant(Value value) {
    return folding.of(value);
  }

  @Override
  public List<Value> inline(GraphProto branch) {
    var inner = new NameScope(graph, this, opset, load, memory, folding);
    inner.constants(branch);
    inner.addAll(branch);
    return branch.outputs().stream().map(output -> inner.value(output.name())).toList();
  }

  @Override
  public List<String> captures(GraphProto branch) {
    Set<String> free = new LinkedHashSet<>();
    free(branch, Set.of(), free);
    List<String> captured = new ArrayList<>();
    for (String name : free) {
      if (!value(name).isConstant()) {
        captured.add(name);
      }
    }
    return captured;
  }

  /** Names that a graph reads and does not make. */
  private static void free(GraphProto graph, Set<String> outside, Set<String> free) {
    Set<String> made = new HashSet<>(outside);
    graph.inputs().forEach(input -> made.add(input.name()));
    graph.initializers().forEach(tensor -> made.add(tensor.name()));
    for (NodeProto node : graph.nodes()) {
      for (String input : node.inputs()) {
        if (!input.isEmpty() && !made.contains(input)) {
          free.add(input);
        }
      }
      for (AttributeProto attribute : node.attributes().values()) {
        if (attribute.graph() != null) {
          free(attribute.graph(), made, free);
        }
      }
      made.addAll(node.outputs());
    }
    for (ValueInfoProto output : graph.outputs()) {
      if (!made.contains(output.name())) {
        free.add(output.name());
      }
    }
  }

  @Override
  public Graph subgraph(GraphProto branch, List<String> captured) {
    var inner = new Graph(branch.name().isEmpty() ? "branch" : branch.name());
    var scope = new NameScope(inner, this, opset, load, memory, folding);
    for (String name : captured) {
      scope.define(name, inner.input(name, value(name).fact()));
    }
    scope.constants(branch);
    scope.addAll(branch);
    for (int i = 0; i < branch.outputs().size(); i++) {
      Value output = scope.value(branch.outputs().get(i).name());
      inner.output("output." + i, output);
    }
    new RemoveDeadCode().apply(inner);
    return inner;
  }
}
