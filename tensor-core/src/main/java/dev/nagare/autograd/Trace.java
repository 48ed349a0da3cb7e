package dev.nagare.autograd;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A graph of what an eager model does.
 *
 * <pre>{@code
 * var trace = new Trace(kernels, memory, model.state());
 * Graph graph = trace.of("digits", List.of(new Trace.Input("x", F32, batch, one, side, side)),
 *     (tape, inputs) -> model.forward(inputs.getFirst()));
 * }</pre>
 *
 * <p>The model runs twice, at unlike sizes, without gradients; put it into inference with {@code
 * eval()} first. Every operator that it applies adds itself to a graph, and both runs must give the
 * same one: what branches on a size, or on the elements, is refused with the line in which the
 * graphs differ, and so is an operator that cannot be traced. Parameters and buffers become
 * constants by their names, not copies. Counterpart: {@code torch.export} with dynamic shapes.
 */
public final class Trace {
  /** Sizes that named ones have in the two runs: unlike, and without common factors. */
  private static final long[][] SIZES = {{5, 7, 11, 13}, {8, 9, 17, 19}};

  private static final long SCOPE_BYTES = 64L << 20;

  private final Kernels kernels;
  private final Memory memory;
  private final Map<String, Tensor> state;

  /**
   * Prepares to trace.
   *
   * @param kernels what the model computes with
   * @param memory for constants that are not in the state
   * @param state parameters and buffers by name, which the graph shares
   */
  public Trace(Kernels kernels, Memory memory, Map<String, Tensor> state) {
    this.kernels = kernels;
    this.memory = memory;
    this.state = new LinkedHashMap<>(state);
  }

  /** What a model is given; sizes that are not numbers are names. */
  public record Input(String name, DType dtype, List<Dim> shape) {
    /** With these sizes. */
    public Input(String name, DType dtype, Dim... shape) {
      this(name, dtype, List.of(shape));
    }
  }

  /** What one operator applied to what. */
  record Step(Node node, Tensor result) {}

  private record Run(
      Map<String, Long> sizes, List<Tensor> inputs, List<Step> steps, Tensor output) {}

  /**
   * Traces a model with one output, which is called {@code output}.
   *
   * @param model is given the tape and a variable for each input
   * @throws TensorException kind MISMATCH if it cannot be traced, with the reason
   */
  public Graph of(
      String name, List<Input> inputs, BiFunction<Tape, List<Variable>, Variable> model) {
    try (var first = new Scope(SCOPE_BYTES);
        var second = new Scope(SCOPE_BYTES)) {
      Run one = run(first, SIZES[0], inputs, model);
      Run other = run(second, SIZES[1], inputs, model);
      if (one.steps.size() != other.steps.size()) {
        throw TensorException.mismatch(
            "trace: "
                + one.steps.size()
                + " operators at "
                + one.sizes
                + ", "
                + other.steps.size()
                + " at "
                + other.sizes);
      }
      Graph graph = new Builder(name, inputs, one, other).build();
      requireSame(graph, new Builder(name, inputs, other, one).build());
      return graph;
    }
  }

  private Run run(
      Scope scope,
      long[] numbers,
      List<Input> inputs,
      BiFunction<Tape, List<Variable>, Variable> model) {
    Map<String, Long> sizes = new HashMap<>();
    for (Input input : inputs) {
      for (Dim dim : input.shape) {
        if (!dim.isKnown() && !sizes.containsKey(dim.toString())) {
          if (sizes.size() == numbers.length) {
            throw TensorException.mismatch("trace: more than " + numbers.length + " named sizes");
          }
          sizes.put(dim.toString(), numbers[sizes.size()]);
        }
      }
    }
    var tape = new Tape(kernels, scope);
    List<Tensor> tensors = new ArrayList<>();
    List<Variable> variables = new ArrayList<>();
    for (Input input : inputs) {
      long[] dims = input.shape.stream().mapToLong(dim -> dim.bind(sizes).value()).toArray();
      Tensor tensor = scope.zeros(input.dtype, Shape.of(dims));
      tensors.add(tensor);
      variables.add(tape.constant(tensor));
    }
    List<Step> steps = new ArrayList<>();
    tape.trace(steps);
    try (var _ = tape.noGrad()) {
      Tensor output = model.apply(tape, variables).value();
      return new Run(sizes, tensors, List.copyOf(steps), output);
    }
  }

  private static void requireSame(Graph graph, Graph other) {
    List<String> lines = graph.toString().lines().toList();
    List<String> others = other.toString().lines().toList();
    for (int i = 0; i < Math.min(lines.size(), others.size()); i++) {
      if (!lines.get(i).equals(others.get(i))) {
        throw TensorException.mismatch(
            "trace: it depends on sizes whether there is"
                + lines.get(i)
                + " or"
                + others.get(i)
                + "; only what follows from named sizes may differ");
      }
    }
    for (Value value : graph.constants()) {
      Value twin = other.value(value.name());
      Tensor tensor = value.constant();
      if (twin == null || tensor == null || !same(tensor, twin.constant())) {
        throw TensorException.mismatch(
            "trace: constant "
                + value
                + " depends on sizes; what has no gradient, such as argMax, cannot be traced");
      }
    }
  }

  private static boolean same(Tensor one, @Nullable Tensor other) {
    if (other == null || !one.shape().equals(other.shape())) {
      return false;
    }
    boolean same = true;
    for (long i = 0; same && one != other && i < one.elements(); i++) {
      same = one.get(i) == other.get(i);
    }
    return same;
  }

  /** Makes a graph of one run, with the sizes of both. */
  private final class Builder implements Tracing {
    private final Graph graph;
    private final Run run;
    private final Run other;
    private final TracedSizes sizes;
    private final IdentityHashMap<Tensor, Value> values = new IdentityHashMap<>();
    private int step;

    Builder(String name, List<Input> inputs, Run run, Run other) {
      this.graph = new Graph(name);
      this.run = run;
      this.other = other;
      this.sizes = new TracedSizes(run.sizes, other.sizes);
      for (int i = 0; i < inputs.size(); i++) {
        Input input = inputs.get(i);
        Value value = graph.input(input.name, input.dtype, input.shape.toArray(Dim[]::new));
        values.put(run.inputs.get(i), value);
      }
      state.forEach((constant, tensor) -> values.put(tensor, graph.constant(constant, tensor)));
    }

    Graph build() {
      for (step = 0; step < run.steps.size(); step++) {
        Step at = run.steps.get(step);
        Value value = at.node.trace(this);
        require(value, at.result, run);
        require(value, other.steps.get(step).result, other);
        values.put(at.result, value);
      }
      graph.output("output", value(run.output));
      graph.removeUnusedConstants();
      return graph;
    }

    private void require(Value value, Tensor result, Run of) {
      if (!value.fact().bind(of.sizes).toShape().equals(result.shape())) {
        throw TensorException.mismatch(
            "trace: " + value + " has shape " + result.shape() + " at " + of.sizes);
      }
    }

    @Override
    public Value value(Tensor tensor) {
      Value known = values.get(tensor);
      if (known == null) {
        known = graph.newConstant("constant", tensor.keep(memory));
        values.put(tensor, known);
      }
      return known;
    }

    @Override
    public @Nullable Value state(Variable operand) {
      Tensor tensor = operand.value();
      boolean zero = !values.containsKey(tensor);
      for (long i = 0; zero && i < tensor.elements(); i++) {
        zero = tensor.get(i) == 0;
      }
      return zero ? null : value(tensor);
    }

    @Override
    public List<Dim> shape() {
      Shape here = run.steps.get(step).result.shape();
      Shape there = other.steps.get(step).result.shape();
      if (here.rank() != there.rank()) {
        throw TensorException.mismatch(
            "trace: " + run.steps.get(step).node.op + " makes " + here + " and " + there);
      }
      List<Dim> shape = new ArrayList<>();
      for (int i = 0; i < here.rank(); i++) {
        shape.add(sizes.of(here.dim(i), there.dim(i)));
      }
      return shape;
    }

    @Override
    public Value add(Operator operator, @Nullable Value... inputs) {
      return graph.add(operator, inputs);
    }
  }
}
