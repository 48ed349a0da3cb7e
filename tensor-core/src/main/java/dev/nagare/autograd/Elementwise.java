package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels.Binary;

/**
 * Sum, difference or product, element by element.
 *
 * <p>Shapes: {@code S, S -> S}; there is no broadcasting. Dtypes: all. Gradient: to both operands.
 * Source: {@code torch.add}, {@code torch.sub}, {@code torch.mul}.
 */
final class Elementwise extends Node {
  private final Binary function;

  private Elementwise(Binary function, Variable a, Variable b) {
    super("elementwise", a, b);
    this.function = function;
  }

  static Variable apply(Binary function, Variable a, Variable b) {
    String op = name(function);
    Tape tape = Tape.of(op, a, b);
    if (a.value().dtype() != b.value().dtype() || !a.shape().equals(b.shape())) {
      throw TensorException.mismatch(op + ": expected equal operands, got " + a + " and " + b);
    }
    Tensor out = tape.scope().empty(a.value().dtype(), a.shape());
    tape.kernels().binary(function, a.value(), b.value(), out);
    return tape.record(new Elementwise(function, a, b), out);
  }

  /** In errors; a constant, since an operator on a few elements costs less than making a string. */
  private static String name(Binary function) {
    return switch (function) {
      case ADD -> "add";
      case SUB -> "sub";
      case MUL -> "mul";
    };
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    flow(tape, gradient, input(0), input(1), 1);
    flow(tape, gradient, input(1), input(0), function == Binary.SUB ? -1 : 1);
  }

  private void flow(Tape tape, Tensor gradient, Variable to, Variable other, double sign) {
    if (!to.requiresGradient()) {
      return;
    }
    Tensor term = gradient;
    if (function == Binary.MUL) {
      term = tape.scope().empty(gradient.dtype(), gradient.shape());
      tape.kernels().binary(Binary.MUL, gradient, other.value(), term);
    }
    tape.kernels().axpy(sign, term, gradientOf(tape, to));
  }
}
