package dev.nagare.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.Module;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Uniform;
import dev.nagare.oracle.Libtorch.Outcome;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Compares a function of ours, and its gradients, with the same function in libtorch.
 *
 * <pre>{@code
 * try (var oracle = new Oracle(candidate)) {
 *   Parameter x = oracle.operand("x", 2, 5);
 *   var layer = oracle.include(new Linear(oracle.factory(), 5, 3));
 *   oracle.agrees("torch.linear(x, weight, bias)", tape -> layer.forward(tape.watch(x)));
 * }
 * }</pre>
 *
 * <p>libtorch computes in f64 from the very numbers that ours were given. What is differentiated is
 * the sum of the results' products with fixed random weights, so that every element of every result
 * counts, each differently. Compared are the results and the gradient of every operand, element by
 * element.
 */
final class Oracle implements AutoCloseable {
  private static final long SEED = 17;
  private static final long WEIGHTS_SEED = 11;

  private final Candidate candidate;
  private final Kernels kernels;
  private final ProcessMemory memory = new ProcessMemory("oracle");
  private final Scope scope = new Scope(1 << 16);
  private final Tape tape;
  private final ParameterFactory factory;
  private final Map<String, Parameter> operands = new LinkedHashMap<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();

  Oracle(Candidate candidate) {
    this.candidate = candidate;
    this.kernels = candidate.kernels();
    this.tape = new Tape(kernels, scope);
    this.factory = new ParameterFactory(memory, candidate.dtype(), SEED);
  }

  Kernels kernels() {
    return kernels;
  }

  /** Where tensors go that last for the comparison. */
  ProcessMemory memory() {
    return memory;
  }

  /** Makes the parameters of layers that are {@link #include included}. */
  ParameterFactory factory() {
    return factory;
  }

  /** An input of both sides whose gradient is compared, uniform in ±1. */
  Parameter operand(String name, long... dims) {
    return operand(name, new Uniform(1), dims);
  }

  /** An input of both sides whose gradient is compared. */
  Parameter operand(String name, Initializer initializer, long... dims) {
    Parameter operand = factory.create(name, initializer, dims);
    operands.put(name, operand);
    return operand;
  }

  /** An input of both sides that has no gradient; libtorch sees the same numbers in f64. */
  Tensor constant(String name, Tensor value) {
    constants.put(name, value);
    return value;
  }

  /** An input of both sides without a gradient that has these numbers, row-major. */
  Tensor constant(String name, DType dtype, Shape shape, double... numbers) {
    assertThat(numbers).as("numbers of %s", name).hasSize(Math.toIntExact(shape.elements()));
    Tensor value = memory.empty(dtype, shape);
    for (int i = 0; i < numbers.length; i++) {
      value.set(i, numbers[i]);
    }
    return constant(name, value);
  }

  /**
   * The same as {@link #include}, with something added to every number: a layer that starts with
   * weights of 1 and biases of 0 would hide that one is taken for the other.
   */
  <M extends Module> M includeStirred(M layer) {
    int stream = 0;
    for (Parameter parameter : layer.parameters()) {
      Tensor value = parameter.value();
      Tensor noise = memory.empty(value.dtype(), value.shape());
      new Uniform(0.25).fill(noise, new CounterRandom(SEED, 1, stream++));
      kernels.axpy(1, noise, value);
    }
    return include(layer);
  }

  /** Makes a layer's parameters operands; those of its parts are called {@code part_parameter}. */
  <M extends Module> M include(M layer) {
    layer
        .namedParameters()
        .forEach((name, parameter) -> operands.put(name.replace('.', '_'), parameter));
    return layer;
  }

  /**
   * Compares one result.
   *
   * @param expression TorchScript over the names of operands and constants
   * @param ours the same with our own means
   */
  void agrees(String expression, Function<Tape, Variable> ours) {
    agree("return [" + expression + "]", on -> List.of(ours.apply(on)));
  }

  /**
   * Compares several results.
   *
   * @param body TorchScript statements that return a list
   * @param ours as many results
   */
  void agree(String body, Function<Tape, List<Variable>> ours) {
    tape.reset();
    operands.values().forEach(operand -> operand.gradient().zero());
    List<Variable> results = ours.apply(tape);
    List<Values> weights = new ArrayList<>();
    product(results, weights).backward();
    Outcome theirs = Libtorch.run(body, values(constants), operandValues(), weights);
    assertThat(theirs.results()).as("results of libtorch").hasSameSizeAs(results);
    for (int i = 0; i < results.size(); i++) {
      compare("result " + i, results.get(i).value(), theirs.results().get(i));
    }
    Iterator<Values> gradients = theirs.gradients().iterator();
    operands.forEach(
        (name, operand) -> compare("gradient of " + name, operand.gradient(), gradients.next()));
  }

  /** Compares a tensor with libtorch's, by the candidate's bound. */
  void compare(String what, Tensor ours, Values theirs) {
    assertThat(ours.shape().toArray()).as("shape of %s", what).isEqualTo(theirs.shape());
    for (int i = 0; i < theirs.elements().length; i++) {
      double expected = theirs.elements()[i];
      double actual = ours.get(i);
      assertThat(Math.abs(actual - expected) / Math.max(1, Math.abs(expected)))
          .as("%s, element %d: libtorch %s, ours %s", what, i, expected, actual)
          .isLessThanOrEqualTo(candidate.error());
    }
  }

  /** The weighted sum of all elements; adds the weights of each result to the list. */
  private Variable product(List<Variable> results, List<Values> weights) {
    Variable sum = null;
    for (int i = 0; i < results.size(); i++) {
      Variable result = results.get(i);
      Tensor weight = scope.empty(candidate.dtype(), result.shape());
      new Uniform(1).fill(weight, new CounterRandom(WEIGHTS_SEED, 0, i));
      weights.add(values(weight));
      Variable part = result.mul(tape.constant(weight)).sum();
      sum = sum == null ? part : sum.add(part);
    }
    if (sum == null) {
      throw new IllegalArgumentException("oracle: expected a result to compare, got none");
    }
    return sum;
  }

  private Map<String, Values> operandValues() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    operands.forEach((name, operand) -> tensors.put(name, operand.value()));
    return values(tensors);
  }

  private static Map<String, Values> values(Map<String, Tensor> tensors) {
    Map<String, Values> values = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> values.put(name, values(tensor)));
    return values;
  }

  /** The numbers of a tensor of ours. */
  static Values values(Tensor tensor) {
    double[] elements = new double[Math.toIntExact(tensor.elements())];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = tensor.get(i);
    }
    return new Values(elements, tensor.shape().toArray());
  }

  @Override
  public void close() {
    scope.close();
    memory.close();
  }
}
