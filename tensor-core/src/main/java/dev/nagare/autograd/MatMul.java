package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * Matrix product {@code a · b} of two matrices; {@link BatchedMatMul} has the others.
 *
 * <p>Shapes: {@code [M, K], [K, N] -> [M, N]}. Dtypes: all. Gradient: {@code da = dy · bᵀ}, {@code
 * db = aᵀ · dy}. Source: {@code torch.mm}.
 */
final class MatMul extends Node {
  private MatMul(Variable a, Variable b) {
    super("matmul", a, b);
  }

  static Variable apply(Variable a, Variable b) {
    if (a.shape().rank() != 2
        || b.shape().rank() != 2
        || !a.value().isContiguous()
        || !b.value().isContiguous()) {
      return BatchedMatMul.apply(a, b);
    }
    Tape tape = Tape.of("matmul", a, b);
    if (a.value().dim(1) != b.value().dim(0)) {
      throw TensorException.mismatch("matmul: expected [M, K] and [K, N], got " + a + " and " + b);
    }
    Shape shape = Shape.of(a.value().dim(0), b.value().dim(1));
    Tensor out = tape.scope().empty(a.value().dtype(), shape);
    Rows.product(tape, a.value(), b.value(), false, null, out);
    return tape.record(new MatMul(a, b), out);
  }

  @Override
  protected Value trace(Tracing into) {
    return into.add(
        new dev.nagare.graph.op.MatMul(false, false), into.value(input(0)), into.value(input(1)));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Variable a = input(0);
    Variable b = input(1);
    if (a.requiresGradient()) {
      tape.kernels().matmul(gradient, false, b.value(), true, null, gradientOf(tape, a), true);
    }
    if (b.requiresGradient()) {
      tape.kernels().matmul(a.value(), true, gradient, false, null, gradientOf(tape, b), true);
    }
  }
}
