package dev.nagare.graph.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Interpreter;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A small graph, what it is made of, and what it answers before and after a pass. */
final class Example implements AutoCloseable {
  static final Dim BATCH = Dim.named("batch");
  static final Dim SEQ = Dim.named("seq");

  final ProcessMemory memory = new ProcessMemory("test");
  final Kernels kernels = KernelProviders.byName("scalar").kernels();
  final Graph graph = new Graph("example");
  private final Map<String, Long> sizes = Map.of("batch", 2L, "seq", 3L);
  private int seed = 1;

  Value input(String name, Dim... shape) {
    return graph.input(name, DType.F32, shape);
  }

  Value weight(String name, long... dims) {
    return graph.constant(name, random(Shape.of(dims)));
  }

  Tensor random(Shape shape) {
    Tensor tensor = memory.empty(DType.F32, shape);
    var random = new CounterRandom(seed++, 0, 0);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, random.uniform((int) i) - 0.5);
    }
    return tensor;
  }

  Value number(double value) {
    return graph.newConstant("number", memory.of(Shape.of(), (float) value));
  }

  Value add(Value a, Value b) {
    return binary(Binary.Function.ADD, a, b);
  }

  Value mul(Value a, Value b) {
    return binary(Binary.Function.MUL, a, b);
  }

  Value div(Value a, Value b) {
    return binary(Binary.Function.DIV, a, b);
  }

  Value binary(Binary.Function function, Value a, Value b) {
    return graph.add(new Binary(function), a, b);
  }

  Value unary(Unary.Function function, Value x) {
    return graph.add(new Unary(function), x);
  }

  /** The elements of a constant. */
  static Tensor tensor(Value constant) {
    return Objects.requireNonNull(constant.constant());
  }

  /** The elements of a constant of the original graph. */
  Tensor tensor(String name) {
    return tensor(Objects.requireNonNull(graph.value(name)));
  }

  /** Names of the operators, in order. */
  static List<String> names(Graph graph) {
    return graph.nodes().stream().map(node -> node.operator().name()).toList();
  }

  static List<Operator> operators(Graph graph) {
    return graph.nodes().stream().map(dev.nagare.graph.Node::operator).toList();
  }

  /** The graph with this one output after a pass, which must change it and not what it answers. */
  Graph after(Value output, Pass pass) {
    graph.output("out", output);
    Graph copy = graph.copy();
    assertThat(pass.apply(copy)).as("%s changes %s", pass.name(), graph).isTrue();
    assertThat(pass.apply(copy)).as("%s comes to an end: %s", pass.name(), copy).isFalse();
    requireSame(copy, 1e-5);
    return copy;
  }

  /** The graph with this one output after all passes, which do not change what it answers. */
  Passes.Optimised optimised(Value output) {
    graph.output("out", output);
    Passes.Optimised optimised = Passes.inference(graph, kernels, memory);
    requireSame(optimised.graph(), 1e-5);
    return optimised;
  }

  /** Asserts that a pass finds nothing to do. */
  void unchangedBy(Pass pass, Value output) {
    graph.output("out", output);
    Graph copy = graph.copy();
    assertThat(pass.apply(copy)).as("%s leaves %s as it is", pass.name(), graph).isFalse();
  }

  private void requireSame(Graph other, double tolerance) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Value input : graph.inputs()) {
      var fact = input.fact().bind(sizes);
      Tensor tensor = fact.dtype() == DType.F32 ? random(fact.toShape()) : ids(fact.toShape());
      inputs.put(input.name(), tensor);
    }
    Tensor expected = run(graph, inputs);
    Tensor actual = run(other, inputs);
    assertThat(actual.shape()).isEqualTo(expected.shape());
    for (long i = 0; i < expected.elements(); i++) {
      assertThat(actual.get(i))
          .as("element %s of %s", i, other)
          .isCloseTo(expected.get(i), within(tolerance));
    }
  }

  private Tensor ids(Shape shape) {
    Tensor tensor = memory.empty(DType.I64, shape);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setLong(i, i % 5);
    }
    return tensor;
  }

  Tensor run(Graph any, Map<String, Tensor> inputs) {
    Tensor out = Interpreter.run(any, kernels, inputs, memory).get("out");
    if (out == null) {
      throw new IllegalStateException("no output out");
    }
    return out;
  }

  @Override
  public void close() {
    memory.close();
  }
}
