package dev.nagare.graph.plan;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.If;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns the nodes of a bound graph into steps, one after the other, and decides in which order of
 * axes and in which dtype each value lies; where a step wants it otherwise, a copy comes before.
 */
final class PlanBuilder {
  private final Graph graph;
  private final Kernels kernels;
  private final PlanOptions options;
  private final Memory constants;
  private final List<PlanStep> steps = new ArrayList<>();
  private final List<PreparedKernel> owned = new ArrayList<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private final Map<String, Integer> parameterOf = new HashMap<>();
  private final IdentityHashMap<Value, List<Slot>> forms = new IdentityHashMap<>();
  private final Set<Node> done = new HashSet<>();
  private final IdentityHashMap<Node, Boolean> computing = new IdentityHashMap<>();
  private final List<Slot> roots = new ArrayList<>();
  private final List<Slot> inputs = new ArrayList<>();
  private final List<Slot> outputs = new ArrayList<>();

  /**
   * Creates a builder.
   *
   * @param graph of which all sizes are numbers
   * @param constants where constants lie that are not the graph's own
   */
  PlanBuilder(Graph graph, Kernels kernels, PlanOptions options, Memory constants) {
    this.graph = graph;
    this.kernels = kernels;
    this.options = options;
    this.constants = constants;
  }

  /** Makes all steps. */
  void build() {
    for (Value input : graph.inputs()) {
      Slot slot = root(input, false, input.fact().dtype());
      inputs.add(slot);
    }
    for (Node node : graph.nodes()) {
      if (!done.contains(node)
          && !ViewNodes.add(this, node)
          && !conditional(node)
          && !PreparedNodes.add(this, graph, node)) {
        generic(node);
      }
    }
    for (Value output : graph.outputs()) {
      Slot slot = slot(output, false, output.fact().dtype());
      outputs.add(slot.isInArena() ? slot : copied(output, slot));
    }
  }

  /** A kernel of a step that is being made: see {@link #abandon}. */
  PreparedKernel own(PreparedKernel kernel) {
    owned.add(kernel);
    return kernel;
  }

  /** There will be no plan: closes the steps so far, and kernels that are of no step yet. */
  void abandon() {
    steps.forEach(PlanStep::close);
    owned.forEach(PreparedKernel::close);
  }

  private boolean conditional(Node node) {
    if (!(node.operator() instanceof If op)) {
      return false;
    }
    List<Slot> captured = new ArrayList<>();
    for (int i = 1; i < node.inputs().size(); i++) {
      Value value = node.input(i);
      captured.add(slot(value, false, value.fact().dtype()));
    }
    Slot condition = slot(node.input(0), false);
    Plan then = Plan.compile(op.then(), Map.of(), kernels, options.lanes(1));
    Plan otherwise;
    try {
      otherwise = Plan.compile(op.otherwise(), Map.of(), kernels, options.lanes(1));
    } catch (RuntimeException e) {
      then.close();
      throw e;
    }
    List<Slot> results =
        node.outputs().stream().map(value -> define(value, false, value.fact().dtype())).toList();
    add(new IfStep(node.name(), op, then, otherwise, condition, captured, results));
    return true;
  }

  private void generic(Node node) {
    Operator.Order order = node.operator().order();
    boolean last = order == Operator.Order.CHANNELS_LAST;
    Shape shape = shape(node.output());
    DType floats = DType.F32;
    if (Following.isFollower(node.operator())) {
      floats = moved(node);
      last = !node.input(0).isConstant() && isChannelsLast(node.input(0));
    } else if (order == Operator.Order.SAME) {
      last = node.inputs().stream().anyMatch(value -> leads(value, shape));
    }
    if (node.operator() instanceof Concat op && JoinSteps.add(this, node, op, last, floats)) {
      return;
    }
    var arguments = new ArrayList<@Nullable Slot>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Value value = node.optional(i);
      if (value == null) {
        arguments.add(null);
        continue;
      }
      boolean likewise = order != Operator.Order.SAME || shape(value).equals(shape);
      boolean image = last && likewise && !PreparedNodes.isWeight(node, i);
      arguments.add(slot(value, image, dtype(value, floats)));
    }
    var results = new ArrayList<Slot>();
    for (Value value : node.outputs()) {
      results.add(define(value, last, dtype(value, floats)));
    }
    add(new GenericStep(node.name(), node.operator(), kernels, arguments, results));
  }

  /** Whether a value of this shape lies channels last, so that the result had better, too. */
  private boolean leads(@Nullable Value value, Shape shape) {
    return value != null
        && !value.isConstant()
        && shape(value).equals(shape)
        && !Orders.coincide(shape)
        && made(value).getFirst().channelsLast;
  }

  Kernels kernels() {
    return kernels;
  }

  /** In which dtype products, convolutions and attention compute. */
  DType dtype() {
    return options.dtype();
  }

  int lanes() {
    return options.lanes();
  }

  static Shape shape(Value value) {
    return value.fact().toShape();
  }

  /** Says that a node has its step already. */
  void done(Node node) {
    done.add(node);
  }

  /** Whether the steps so far make a value. */
  boolean isMade(Value value) {
    return value.isConstant() || forms.containsKey(value);
  }

  /** Where a value lies, first as it was made. */
  private List<Slot> made(Value value) {
    return Objects.requireNonNull(forms.get(value), value::name);
  }

  /** In which order of axes a value was made. */
  boolean isChannelsLast(Value value) {
    return !value.isConstant() && made(value).getFirst().channelsLast;
  }

  /**
   * In which dtype a prepared kernel had better make a value: what others prepared read is in the
   * plan's dtype, the rest in that of the graph.
   */
  DType dtypeOf(Value value) {
    DType own = value.fact().dtype();
    if (own != DType.F32 || options.dtype() == DType.F32) {
      return own;
    }
    List<Node> readers = graph.readers(value);
    return readers.stream().anyMatch(this::computesInDtype) ? options.dtype() : DType.F32;
  }

  private boolean computesInDtype(Node node) {
    Boolean known = computing.get(node);
    if (known == null) {
      known =
          PreparedNodes.canPrepare(node)
              || (passesOn(node)
                  && node.outputs().stream()
                      .flatMap(value -> graph.readers(value).stream())
                      .anyMatch(this::computesInDtype));
      computing.put(node, known);
    }
    return known;
  }

  private static DType dtype(Value value, DType floats) {
    DType own = value.fact().dtype();
    return own == DType.F32 ? floats : own;
  }

  /** In which dtype one that only moves elements had better do it. */
  private DType moved(Node node) {
    Value first = node.input(0);
    boolean joins = node.inputs().size() > 1 && node.operator() instanceof Concat;
    if (!joins && !first.isConstant()) {
      return made(first).getFirst().dtype;
    }
    boolean wide = joins && node.inputs().stream().allMatch(this::isMadeWide);
    return wide && !isReadInDtype(node.output()) ? DType.F32 : dtypeOf(node.output());
  }

  private boolean isMadeWide(Value value) {
    return value.isConstant() || made(value).getFirst().dtype == DType.F32;
  }

  /**
   * Whether one that reads a value has to have it in the plan's dtype. Others compute in F32 and
   * round what they make: to round what they read, too, would cost accuracy.
   */
  private boolean isReadInDtype(Value value) {
    return graph.readers(value).stream()
        .anyMatch(
            reader ->
                PreparedNodes.readsInDtype(reader)
                    || (passesOn(reader)
                        && reader.outputs().stream().anyMatch(this::isReadInDtype)));
  }

  private static boolean passesOn(Node node) {
    return ViewNodes.isView(node) || Following.isFollower(node.operator());
  }

  /** A value as it was made, or a constant as it is, in this order of axes. */
  Slot slot(Value value, boolean channelsLast) {
    DType dtype = value.isConstant() ? value.fact().dtype() : made(value).getFirst().dtype;
    return slot(value, channelsLast, dtype);
  }

  /** A value in this order of axes and this dtype; a copy if it lies otherwise. */
  Slot slot(Value value, boolean channelsLast, DType dtype) {
    boolean last = channelsLast && Orders.isImage(shape(value));
    Tensor constant = value.constant();
    if (constant != null) {
      return constant(value, constant, last, dtype);
    }
    List<Slot> made = made(value);
    for (Slot slot : made) {
      if (slot.dtype == dtype && slot.channelsLast == last) {
        return slot;
      }
      if (slot.dtype == dtype && Orders.coincide(slot.shape)) {
        Slot view = slot.view(slot.shape, last);
        made.add(view);
        return view;
      }
    }
    Slot copy = Slot.inArena(value.name(), dtype, shape(value), last);
    roots.add(copy);
    made.add(copy);
    add(CopyStep.of(kernels, made.getFirst(), copy));
    return copy;
  }

  private Slot constant(Value value, Tensor tensor, boolean channelsLast, DType dtype) {
    boolean last = channelsLast && !Orders.coincide(tensor.shape());
    if (!value.fact().dtype().isFloating()) {
      Slot slot = Slot.constant(value.name(), tensor.contiguous(constants));
      if (!last) {
        return channelsLast ? slot.view(slot.shape, true) : slot;
      }
      Tensor bytes = constants.empty(tensor.dtype(), Orders.channelsLast(tensor.shape()));
      Orders.seenChannelsFirst(bytes).copyFrom(tensor);
      return Slot.constant(value.name(), bytes).view(tensor.shape(), true);
    }
    if (!last && dtype == tensor.dtype()) {
      var parameter =
          new Parameter(value.name(), tensor.shape(), Parameter.AS_IT_IS, 0, (from, to) -> {});
      return Slot.parameter(value.name(), dtype, tensor.shape(), channelsLast, put(parameter));
    }
    Shape shape = last ? Orders.channelsLast(tensor.shape()) : tensor.shape();
    String form = dtype + (last ? " channels last" : "");
    Parameter.Packer packer =
        (from, to) -> {
          Tensor bytes = to.part(0, dtype, shape);
          (last ? Orders.seenChannelsFirst(bytes) : bytes).convertFrom(from);
        };
    var parameter =
        new Parameter(
            value.name(), tensor.shape(), form, tensor.elements() * dtype.bytes(), packer);
    return Slot.parameter(value.name(), dtype, tensor.shape(), channelsLast, put(parameter));
  }

  /** The weight of a prepared kernel, as it wants it. */
  Slot weight(Value value, String form, long bytes, Parameter.Packer packer) {
    var parameter = new Parameter(value.name(), shape(value), form, bytes, packer);
    return Slot.parameter(value.name(), DType.U8, Shape.of(bytes), false, put(parameter));
  }

  private int put(Parameter parameter) {
    return parameterOf.computeIfAbsent(
        parameter.name() + " " + parameter.form(),
        any -> {
          parameters.add(parameter);
          return parameters.size() - 1;
        });
  }

  /** Where a step writes a value. */
  Slot define(Value value, boolean channelsLast, DType dtype) {
    return root(value, channelsLast && Orders.isImage(shape(value)), dtype);
  }

  private Slot root(Value value, boolean channelsLast, DType dtype) {
    Slot slot = Slot.inArena(value.name(), dtype, shape(value), channelsLast);
    roots.add(slot);
    forms.computeIfAbsent(value, any -> new ArrayList<>()).add(slot);
    return slot;
  }

  /** A value that lies where another one does. */
  void defineView(Value value, Slot of) {
    defineView(value, of, 0);
  }

  /** A value that is a part of another one, from so many bytes on. */
  void defineView(Value value, Slot of, long from) {
    boolean last = of.channelsLast && shape(value).equals(of.shape);
    forms.computeIfAbsent(value, any -> new ArrayList<>()).add(of.view(shape(value), last, from));
  }

  /** What one step leaves for another, row-major, and is no value of the graph. */
  Slot between(String name, DType dtype, Shape shape) {
    Slot slot = Slot.inArena(name, dtype, shape, false);
    roots.add(slot);
    return slot;
  }

  /** Zeros of F32. */
  Slot zeros(String name, Shape shape) {
    return Slot.constant(name, constants.zeros(DType.F32, shape));
  }

  private Slot copied(Value value, Slot constant) {
    Slot copy = Slot.inArena(value.name(), constant.dtype, constant.shape, false);
    roots.add(copy);
    add(CopyStep.of(kernels, constant, copy));
    return copy;
  }

  void add(PlanStep step) {
    steps.add(step);
  }

  List<PlanStep> steps() {
    return steps;
  }

  List<Parameter> parameters() {
    return parameters;
  }

  List<Slot> inputs() {
    return inputs;
  }

  List<Slot> outputs() {
    return outputs;
  }

  /** Places all values and answers what they take. */
  Extents place() {
    int end = steps.size();
    inputs.forEach(slot -> slot.root().input = true);
    // a caller may run twice without filling the inputs again, and reads outputs after a run
    inputs.forEach(slot -> slot.need(-1));
    inputs.forEach(slot -> slot.need(end));
    outputs.forEach(slot -> slot.need(end));
    for (int i = 0; i < end; i++) {
      int step = i;
      steps.get(i).inputs().forEach(slot -> slot.need(step));
      steps.get(i).outputs().forEach(slot -> slot.need(step));
    }
    Map<Boolean, List<Slot>> needed =
        roots.stream()
            .filter(slot -> slot.last >= slot.first)
            .collect(Collectors.partitioningBy(slot -> slot.input));
    return new Extents(
        Placement.of(needed.getOrDefault(true, List.of())),
        Placement.of(needed.getOrDefault(false, List.of())));
  }

  /** Names of sizes that are not numbers yet. */
  static List<String> unbound(Graph graph) {
    return graph.inputs().stream()
        .filter(value -> !value.fact().isKnown())
        .map(PlanBuilder::text)
        .toList();
  }

  private static String text(Value value) {
    Fact fact = value.fact();
    return value.name() + " " + fact.shape();
  }
}
