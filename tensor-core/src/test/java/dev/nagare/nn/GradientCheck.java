package dev.nagare.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Compares gradients with central differences in f64.
 *
 * <p>What is differentiated is the result's product with fixed random weights, so that every
 * element of the result counts, each differently.
 */
public final class GradientCheck implements AutoCloseable {
  private static final double EPSILON = 1e-6;

  /**
   * Central differences in f64 with this ε err by about 1e-9; a wrong term shows as 1e-2 or more.
   */
  private static final double TOLERANCE = 1e-6;

  private final ProcessMemory memory = new ProcessMemory("gradient check");
  private final Scope scope = new Scope(1 << 16);
  private final Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
  private final List<Parameter> parameters = new ArrayList<>();
  private final ParameterFactory factory = new ParameterFactory(memory, DType.F64, 7);

  /** A factory whose parameters can be {@link #include(List) included}. */
  public ParameterFactory factory() {
    return factory;
  }

  /** An operand with random elements of at most 1 that is checked. */
  public Parameter operand(long... dims) {
    return operand(new Uniform(1), dims);
  }

  /** An operand that is checked. */
  public Parameter operand(Initializer initializer, long... dims) {
    Parameter operand = factory.create("operand " + parameters.size(), initializer, dims);
    parameters.add(operand);
    return operand;
  }

  /** Checks the parameters of a module too. */
  public void include(List<Parameter> more) {
    parameters.addAll(more);
  }

  /** Checks every element of every operand. */
  public void check(Function<Tape, Variable> forward) {
    for (Parameter parameter : parameters) {
      parameter.gradient().zero();
    }
    weighted(forward).backward();
    for (Parameter parameter : parameters) {
      for (long i = 0; i < parameter.value().elements(); i++) {
        double expected = difference(forward, parameter.value(), i);
        double actual = parameter.gradient().get(i);
        double error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
        assertThat(error)
            .as("%s element %s: expected %s, got %s", parameter, i, expected, actual)
            .isLessThanOrEqualTo(TOLERANCE);
      }
    }
    tape.reset();
  }

  private double difference(Function<Tape, Variable> forward, Tensor value, long i) {
    double middle = value.get(i);
    value.set(i, middle + EPSILON);
    double above = weighted(forward).item();
    value.set(i, middle - EPSILON);
    double below = weighted(forward).item();
    value.set(i, middle);
    return (above - below) / (2 * EPSILON);
  }

  private Variable weighted(Function<Tape, Variable> forward) {
    tape.reset();
    Variable result = forward.apply(tape);
    Shape shape = result.shape();
    Tensor weights = scope.empty(DType.F64, shape);
    new Uniform(1).fill(weights, new CounterRandom(11, 0, 0));
    return result.mul(tape.constant(weights)).sum();
  }

  @Override
  public void close() {
    scope.close();
    memory.close();
  }
}
