package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Node;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.models.onnx.proto.AttributeProto;
import dev.nagare.models.onnx.proto.GraphProto;
import dev.nagare.models.onnx.proto.NodeProto;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.models.onnx.proto.TensorProto;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One node of a model while it is imported: its inputs as values of the graph, its attributes with
 * their types checked, and ways to say what its outputs are.
 */
public final class NodeReader {
  /** The most elements of an input that holds sizes or axes. */
  private static final int MOST_SIZES = 1024;

  private final NodeProto proto;
  private final long opset;
  private final ImportScope scope;
  private final Set<String> read = new HashSet<>();

  /** A node of a model that imports this version of its operator set. */
  public NodeReader(NodeProto proto, long opset, ImportScope scope) {
    this.proto = proto;
    this.opset = opset;
    this.scope = scope;
  }

  /** Version of the operator set. */
  public long opset() {
    return opset;
  }

  /** Where it is imported, for operators with subgraphs. */
  public ImportScope scope() {
    return scope;
  }

  /** A refusal that says which node it is about. */
  public OnnxException refuse(String what) {
    return new OnnxException(describe() + ": " + what);
  }

  /** Such as {@code Reshape (node /encoder/Reshape_1, opset 13)}. */
  public String describe() {
    return proto.operator() + " (node " + proto.label() + ", opset " + opset + ")";
  }

  // Inputs

  /** How many inputs it has, absent ones counted. */
  public int inputs() {
    return proto.inputs().size();
  }

  /** Whether an optional input is there. */
  public boolean has(int index) {
    return index < proto.inputs().size() && !proto.inputs().get(index).isEmpty();
  }

  /** An input that must be there. */
  public Value input(int index) {
    Value value = optional(index);
    if (value == null) {
      throw refuse("input " + index + " is missing");
    }
    return value;
  }

  /** An input, or null if it is absent. */
  public @Nullable Value optional(int index) {
    return has(index) ? scope.value(proto.inputs().get(index)) : null;
  }

  /** Every input, null where it is absent. */
  public List<@Nullable Value> allInputs() {
    List<@Nullable Value> values = new ArrayList<>();
    for (int i = 0; i < inputs(); i++) {
      values.add(optional(i));
    }
    return values;
  }

  /** What is known of an input. */
  public Fact fact(int index) {
    return input(index).fact();
  }

  /** The elements of an input that depends on constants only; null if it depends on more. */
  public @Nullable Tensor constant(int index) {
    return scope.constant(input(index));
  }

  /** Elements of an input as far as shapes determine them; null if more is needed. */
  public @Nullable List<Dim> knownSizes(int index) {
    List<Dim> contents = fact(index).contents();
    if (contents != null) {
      return contents;
    }
    Tensor tensor = fact(index).dtype().isFloating() ? null : constant(index);
    if (tensor == null) {
      return null;
    }
    if (tensor.elements() > MOST_SIZES) {
      throw refuse("input " + index + ": " + tensor + " is more than sizes or axes can be");
    }
    List<Dim> sizes = new ArrayList<>();
    for (long i = 0; i < tensor.elements(); i++) {
      sizes.add(Dim.of(tensor.getLong(i)));
    }
    return sizes;
  }

  /** Elements of an input that determines shapes, which must be known before the model runs. */
  public List<Dim> sizes(int index) {
    List<Dim> sizes = knownSizes(index);
    if (sizes == null) {
      throw refuse(
          "input "
              + index
              + " ("
              + proto.inputs().get(index)
              + ") determines shapes, but is known only when the model runs; give the model's"
              + " inputs that it depends on as known ones");
    }
    return sizes;
  }

  /** Elements of an input, such as axes, which must be numbers before the model runs. */
  public List<Long> integersOf(int index) {
    List<Long> numbers = new ArrayList<>();
    for (Dim dim : sizes(index)) {
      if (!dim.isKnown()) {
        throw refuse("input " + index + ": expected numbers, got the sizes " + sizes(index));
      }
      numbers.add(dim.value());
    }
    return numbers;
  }

  /** The one element of an input, which must be known as a size. */
  public Dim oneSize(int index) {
    List<Dim> sizes = sizes(index);
    if (sizes.size() != 1) {
      throw refuse("input " + index + ": expected one number, got " + sizes);
    }
    return sizes.getFirst();
  }

  /** The one element of an input, which must be a number before the model runs. */
  public long oneInteger(int index) {
    Dim size = oneSize(index);
    if (!size.isKnown()) {
      throw refuse("input " + index + ": expected a number, got " + size);
    }
    return size.value();
  }

  /** The one element of an input that must be constant; another number where it is absent. */
  public double scalar(int index, double absent) {
    if (!has(index)) {
      return absent;
    }
    Tensor tensor = constant(index);
    if (tensor == null || tensor.elements() != 1) {
      throw refuse("input " + index + ": expected one constant, got " + fact(index));
    }
    return tensor.get(0);
  }

  // Attributes

  private @Nullable AttributeProto attribute(String name, AttributeProto.Type type) {
    read.add(name);
    AttributeProto attribute = proto.attributes().get(name);
    if (attribute != null && attribute.type() != type) {
      boolean empty =
          attribute.type() == AttributeProto.Type.UNDEFINED; // an empty list of an old file
      if (!empty || !type.name().endsWith("S")) {
        throw refuse("attribute " + name + " is " + attribute.type() + ", expected " + type);
      }
    }
    return attribute;
  }

  private OnnxException missing(String name) {
    return refuse("attribute " + name + " is missing");
  }

  /** Whether the node has an attribute; reads nothing. */
  public boolean hasAttribute(String name) {
    return proto.attributes().containsKey(name);
  }

  /** Passes over attributes that do not change what is computed here. */
  public void ignore(String... names) {
    read.addAll(Arrays.asList(names));
  }

  /** A whole number that must be there. */
  public long integer(String name) {
    AttributeProto attribute = attribute(name, AttributeProto.Type.INT);
    if (attribute == null) {
      throw missing(name);
    }
    return attribute.integer();
  }

  /** A whole number. */
  public long integer(String name, long absent) {
    AttributeProto attribute = attribute(name, AttributeProto.Type.INT);
    return attribute == null ? absent : attribute.integer();
  }

  /** A whole number that must fit an int, such as an axis. */
  public int axis(String name, int absent) {
    return axis(integer(name, absent), name);
  }

  /** A whole number as an int. */
  public int axis(long value, String name) {
    if (value != (int) value) {
      throw refuse(name + " " + value);
    }
    return (int) value;
  }

  /** Axes counted from the first, each once. */
  public List<Integer> axes(List<Long> given, int rank) {
    if (given.size() > MOST_SIZES) {
      throw refuse(given.size() + " axes");
    }
    List<Integer> axes = new ArrayList<>();
    for (long axis : given) {
      long at = axis < 0 ? axis + rank : axis;
      if (at < 0 || at >= rank || axes.contains((int) at)) {
        throw refuse("axes " + given + " of " + rank + " axes");
      }
      axes.add((int) at);
    }
    return axes;
  }

  /** The first axes. */
  public List<Integer> firstAxes(int n) {
    return IntStream.range(0, n).boxed().toList();
  }

  /** A whole number that is 0 or 1. */
  public boolean flag(String name, boolean absent) {
    return integer(name, absent ? 1 : 0) != 0;
  }

  /** A float. */
  public double number(String name, double absent) {
    AttributeProto attribute = attribute(name, AttributeProto.Type.FLOAT);
    return attribute == null ? absent : attribute.number();
  }

  /** A string. */
  public String text(String name, String absent) {
    AttributeProto attribute = attribute(name, AttributeProto.Type.STRING);
    return attribute == null ? absent : attribute.text();
  }

  /** Whole numbers, or null if the attribute is absent. */
  public @Nullable List<Long> integers(String name) {
    AttributeProto attribute = attribute(name, AttributeProto.Type.INTS);
    return attribute == null ? null : attribute.integers();
  }

  /** Whole numbers that must be there. */
  public List<Long> requiredIntegers(String name) {
    List<Long> integers = integers(name);
    if (integers == null) {
      throw missing(name);
    }
    return integers;
  }

  /** Floats, or null if the attribute is absent. */
  public @Nullable List<Float> numbers(String name) {
    AttributeProto attribute = attribute(name, AttributeProto.Type.FLOATS);
    return attribute == null ? null : attribute.numbers();
  }

  /** Strings, or null if the attribute is absent. */
  public @Nullable List<String> texts(String name) {
    AttributeProto attribute = attribute(name, AttributeProto.Type.STRINGS);
    return attribute == null ? null : attribute.texts();
  }

  /** A tensor, or null if the attribute is absent. */
  public @Nullable Tensor tensor(String name) {
    TensorProto tensor = tensorProto(name);
    return tensor == null ? null : scope.tensor(tensor);
  }

  private @Nullable TensorProto tensorProto(String name) {
    AttributeProto attribute = attribute(name, AttributeProto.Type.TENSOR);
    return attribute == null ? null : attribute.tensor();
  }

  /** A subgraph that must be there. */
  public GraphProto subgraph(String name) {
    AttributeProto attribute = attribute(name, AttributeProto.Type.GRAPH);
    if (attribute == null || attribute.graph() == null) {
      throw missing(name);
    }
    return attribute.graph();
  }

  /** Attributes that nobody read and nobody ignored. */
  public Set<String> unread() {
    Set<String> left = new HashSet<>(proto.attributes().keySet());
    left.removeAll(read);
    return left;
  }

  // Outputs

  /** How many outputs it has, unwanted ones counted. */
  public int outputs() {
    return proto.outputs().size();
  }

  /** Whether somebody may want an output. */
  public boolean wants(int index) {
    return index < proto.outputs().size() && !proto.outputs().get(index).isEmpty();
  }

  /** Name of an output, empty where nobody wants it. */
  public String outputName(int index) {
    return index < proto.outputs().size() ? proto.outputs().get(index) : "";
  }

  /** Adds an operator whose one output stays inside; answers it. */
  public Value add(Operator operator, @Nullable Value... inputs) {
    return scope.graph().add(operator, inputs);
  }

  /** Adds an operator with one output of a name, if no value of the graph has it yet. */
  public Value add(String name, Operator operator, @Nullable Value... inputs) {
    return scope.graph().add(operator, Arrays.asList(inputs), List.of(free(name))).output();
  }

  /** Branches may use a name again that another one has; an output that nobody wants has none. */
  private String free(String name) {
    if (!name.isEmpty() && scope.graph().value(name) == null) {
      return name;
    }
    String prefix = name.isEmpty() ? proto.type() : name;
    int number = scope.graph().nodes().size();
    while (scope.graph().value(prefix + "." + number) != null) {
      number++;
    }
    return prefix + "." + number;
  }

  /** Adds an operator whose outputs are those of the node. */
  public void emit(Operator operator, @Nullable Value... inputs) {
    emit(operator, Arrays.asList(inputs));
  }

  /** Adds an operator whose outputs are those of the node. */
  public void emit(Operator operator, List<@Nullable Value> inputs) {
    List<String> names = new ArrayList<>();
    int last = outputs();
    while (last > 1 && !wants(last - 1)) {
      last--;
    }
    for (int i = 0; i < last; i++) {
      names.add(free(outputName(i)));
    }
    Node node = scope.graph().add(operator, inputs, names);
    for (int i = 0; i < names.size(); i++) {
      define(i, node.outputs().get(i));
    }
  }

  /** Says which value an output is. */
  public void define(int output, Value value) {
    if (wants(output)) {
      scope.define(proto.outputs().get(output), value);
    }
  }

  /** A constant that an operator needs, under a name that begins so. */
  public Value newConstant(String prefix, Tensor tensor) {
    return scope.graph().newConstant(prefix.isEmpty() ? proto.type() : prefix, tensor);
  }
}
