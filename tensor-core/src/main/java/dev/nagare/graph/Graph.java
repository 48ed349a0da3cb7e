package dev.nagare.graph;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model as values and nodes, in an order in which it can run.
 *
 * <p>Every value is made once. What is known of it follows from the shape rules when its node is
 * added, so a graph that exists is one whose shapes fit. Passes change a {@link #copy}; values of
 * constants are shared by the copies. Not thread-safe while it is changed.
 */
public final class Graph {
  private final String name;
  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> outputs = new ArrayList<>();
  private final List<String> outputNames = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Value> values = new LinkedHashMap<>();
  private final Map<String, Tensor> builtIn = new LinkedHashMap<>();

  /** Constants that the pass at work looked at. */
  final List<Value> consulted = new ArrayList<>();

  private int unnamed;

  /** An empty graph. */
  public Graph(String name) {
    this.name = name;
  }

  /** Name of the model. */
  public String name() {
    return name;
  }

  /** What a caller gives. */
  public List<Value> inputs() {
    return Collections.unmodifiableList(inputs);
  }

  /**
   * What a caller gets; a pass may have put another value in the place of the one that had the
   * name.
   */
  public List<Value> outputs() {
    return Collections.unmodifiableList(outputs);
  }

  /** By which names a caller gets the {@link #outputs}; passes do not change them. */
  public List<String> outputNames() {
    return Collections.unmodifiableList(outputNames);
  }

  /** The nodes, each after those that make its inputs. */
  public List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /** The value of this name, or null. */
  public @Nullable Value value(String name) {
    return values.get(name);
  }

  /** Adds an input. */
  public Value input(String name, DType dtype, Dim... shape) {
    return input(name, Fact.of(dtype, List.of(shape)));
  }

  /** Adds an input. */
  public Value input(String name, Fact fact) {
    Value value = put(new Value(this, name, fact, null));
    inputs.add(value);
    return value;
  }

  /** Adds a constant; small integer ones take part in shape arithmetic. */
  public Value constant(String name, Tensor tensor) {
    return put(new Value(this, name, fact(tensor), tensor));
  }

  /** Adds a constant under a name of its own that begins so. */
  public Value newConstant(String prefix, Tensor tensor) {
    return constant(unused(prefix), tensor);
  }

  private static Fact fact(Tensor tensor) {
    List<Dim> shape = Arrays.stream(tensor.shape().toArray()).mapToObj(Dim::of).toList();
    DType dtype = tensor.dtype();
    if (dtype.isFloating() || tensor.elements() > Fact.MOST_CONTENTS || tensor.shape().rank() > 1) {
      return Fact.of(dtype, shape);
    }
    var contents = new ArrayList<Dim>();
    for (long i = 0; i < tensor.elements(); i++) {
      contents.add(Dim.of(tensor.getLong(i)));
    }
    return new Fact(dtype, shape, contents);
  }

  /** Adds a node at the end, with outputs of these names. */
  public Node add(Operator operator, List<@Nullable Value> nodeInputs, List<String> names) {
    return add(
        nodes.size(),
        unused(names.isEmpty() ? operator.name() : names.get(0)),
        operator,
        nodeInputs,
        names);
  }

  /** Adds a node with one output at the end and answers the output, under a name of its own. */
  public Value add(Operator operator, @Nullable Value... nodeInputs) {
    return add(operator, Arrays.asList(nodeInputs), List.of(unused(operator.name()))).output();
  }

  /** Adds a node with one output before another one, for passes. */
  public Value addBefore(Node before, Operator operator, @Nullable Value... nodeInputs) {
    String out = unused(operator.name());
    return add(nodes.indexOf(before), out, operator, Arrays.asList(nodeInputs), List.of(out))
        .output();
  }

  private Node add(
      int index,
      String nodeName,
      Operator operator,
      List<@Nullable Value> nodeInputs,
      List<String> names) {
    List<@Nullable Fact> facts = new ArrayList<>();
    for (Value value : nodeInputs) {
      facts.add(value == null ? null : value.fact());
    }
    List<Fact> inferred;
    try {
      inferred = operator.infer(facts);
    } catch (TensorException e) {
      throw TensorException.mismatch("node " + nodeName + ": " + e.getMessage());
    }
    if (names.size() > inferred.size()) {
      throw TensorException.mismatch(
          "node "
              + nodeName
              + ": "
              + operator
              + " makes "
              + inferred.size()
              + " values, "
              + names
              + " were asked for");
    }
    var made = new ArrayList<Value>();
    for (int i = 0; i < inferred.size(); i++) {
      String out = i < names.size() && !names.get(i).isEmpty() ? names.get(i) : unused(nodeName);
      made.add(put(new Value(this, out, inferred.get(i), null)));
    }
    var node = new Node(nodeName, operator, nodeInputs, made);
    made.forEach(value -> value.producer = node);
    for (Value value : nodeInputs) {
      if (value != null) {
        value.readers.add(node);
      }
    }
    nodes.add(index, node);
    return node;
  }

  /** Declares what a caller gets, by this name. */
  public void output(String outputName, Value value) {
    outputs.add(value);
    outputNames.add(outputName);
  }

  /**
   * How many nodes read a value, a node that reads it twice counted twice, and outputs of the
   * graph.
   */
  public int uses(Value value) {
    int count = value.readers.size();
    for (Value output : outputs) {
      count += output == value ? 1 : 0;
    }
    return count;
  }

  /** The nodes that read a value, each once. */
  public List<Node> readers(Value value) {
    return value.readers.stream().distinct().toList();
  }

  /** Lets every reader of a value, and the caller, have another one. */
  public void replace(Value old, Value by) {
    if (old == by) {
      return;
    }
    for (Node node : old.readers) {
      node.inputs.replaceAll(input -> input == old ? by : input);
    }
    by.readers.addAll(old.readers);
    old.readers.clear();
    outputs.replaceAll(output -> output == old ? by : output);
  }

  /**
   * Removes a node that nobody reads.
   *
   * @throws IllegalArgumentException if somebody does
   */
  public void remove(Node node) {
    for (Value value : node.outputs) {
      if (uses(value) > 0) {
        throw new IllegalArgumentException(
            "node " + node.name() + ": " + value.name() + " is read");
      }
    }
    nodes.remove(node);
    for (Value input : node.inputs) {
      if (input != null) {
        input.readers.remove(node);
      }
    }
    node.outputs.forEach(value -> values.remove(value.name()));
  }

  /** Forgets constants that nobody reads. */
  public void removeUnusedConstants() {
    values.values().removeIf(value -> value.isConstant() && uses(value) == 0);
  }

  /**
   * Ends what a pass did at one place: what it {@link Value#consult consulted} is built in if it
   * rewrote something, and was of no use if not.
   */
  public void settle(boolean rewritten) {
    if (rewritten) {
      for (Value value : consulted) {
        builtIn.put(value.name(), Objects.requireNonNull(value.constant()));
      }
    }
    consulted.clear();
  }

  /** Says that whatever is built into another graph is built into this one as well. */
  public void builtInAs(Graph other) {
    builtIn.putAll(other.builtIn);
  }

  /**
   * Constants whose elements passes have put into the graph itself, by name; they need not be read
   * any more. Weights in which they are others do not go with this graph.
   */
  public Map<String, Tensor> builtIn() {
    return Collections.unmodifiableMap(builtIn);
  }

  /** The constants, in the order in which they came. */
  public List<Value> constants() {
    return values.values().stream().filter(Value::isConstant).toList();
  }

  /** A graph that can be changed without changing this one. */
  public Graph copy() {
    return bind(Map.of());
  }

  /** A copy in which names of sizes are numbers; shapes are inferred anew. */
  public Graph bind(Map<String, Long> names) {
    return copy(names, Map.of());
  }

  /**
   * A copy with other tensors as constants.
   *
   * @param constants by name, of the same dtypes and shapes; what is not among them stays
   */
  public Graph with(Map<String, Tensor> constants) {
    return copy(Map.of(), constants);
  }

  private Graph copy(Map<String, Long> names, Map<String, Tensor> constants) {
    var copy = new Graph(name);
    var by = new IdentityHashMap<Value, Value>();
    for (Value input : inputs) {
      by.put(input, copy.input(input.name(), input.fact().bind(names)));
    }
    for (Value value : values.values()) {
      Tensor tensor = value.constant();
      if (tensor != null) {
        Tensor given = constants.getOrDefault(value.name(), tensor);
        by.put(value, copy.constant(value.name(), given));
      }
    }
    for (Node node : nodes) {
      List<@Nullable Value> nodeInputs = new ArrayList<>();
      for (Value input : node.inputs) {
        nodeInputs.add(input == null ? null : known(by, input));
      }
      List<String> outs = node.outputs.stream().map(Value::name).toList();
      Node twin =
          copy.add(copy.nodes.size(), node.name(), node.operator().bind(names), nodeInputs, outs);
      for (int i = 0; i < outs.size(); i++) {
        by.put(node.outputs.get(i), twin.outputs.get(i));
      }
    }
    for (int i = 0; i < outputs.size(); i++) {
      copy.output(outputNames.get(i), known(by, outputs.get(i)));
    }
    builtIn.forEach((key, tensor) -> copy.builtIn.put(key, constants.getOrDefault(key, tensor)));
    copy.unnamed = unnamed;
    return copy;
  }

  private static Value known(IdentityHashMap<Value, Value> by, Value value) {
    Value twin = by.get(value);
    if (twin == null) {
      throw new IllegalStateException("value " + value.name() + " is read before it is made");
    }
    return twin;
  }

  private Value put(Value value) {
    if (values.putIfAbsent(value.name(), value) != null) {
      throw TensorException.mismatch(
          "graph " + name + ": value " + value.name() + " is made twice");
    }
    return value;
  }

  private String unused(String prefix) {
    if (!values.containsKey(prefix)) {
      return prefix;
    }
    String candidate;
    do {
      candidate = prefix + "." + ++unnamed;
    } while (values.containsKey(candidate));
    return candidate;
  }

  /** The graph as text, one node per line: see {@link GraphText}. */
  @Override
  public String toString() {
    return GraphText.of(this);
  }
}
