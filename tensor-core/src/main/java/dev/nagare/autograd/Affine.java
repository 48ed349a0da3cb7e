package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * A linear layer's {@code x · weightᵀ + bias}.
 *
 * <p>Shapes: x {@code [.., I]}, weight {@code [O, I]}, bias {@code [O]} {@code -> [.., O]}. Dtypes:
 * all. Gradient: to all three. Source: {@code torch.nn.functional.linear}.
 */
final class Affine extends Node {
  private final Tensor rows;

  private Affine(Variable x, Variable weight, Variable bias, Tensor rows) {
    super("linear", x, weight, bias);
    this.rows = rows;
  }

  static Variable apply(Variable x, Variable weight, Variable bias) {
    Tape tape = Tape.of("linear", x, weight);
    Tensor w = weight.value();
    if (w.shape().rank() != 2
        || x.shape().rank() == 0
        || x.value().dim(-1) != w.dim(1)
        || bias.shape().rank() != 1
        || bias.value().dim(0) != w.dim(0)) {
      throw TensorException.mismatch(
          "linear: expected [.., I] with weight [O, I] and bias [O], got "
              + x
              + " with weight "
              + weight
              + " and bias "
              + bias);
    }
    long[] dims = x.shape().toArray();
    dims[dims.length - 1] = w.dim(0);
    Tensor out = tape.scope().empty(w.dtype(), Shape.of(dims));
    Tensor rows = Rows.flat("linear", x.value().contiguous(tape.scope()));
    Rows.product(tape, rows, w, true, bias.value(), Rows.flat("linear", out));
    return tape.record(new Affine(x, weight, bias, rows), out);
  }

  @Override
  protected Value trace(Tracing into) {
    Value product =
        into.add(
            new dev.nagare.graph.op.MatMul(false, true),
            into.value(input(0)),
            into.value(input(1)));
    return into.add(new Binary(Binary.Function.ADD), product, into.value(input(2)));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Variable x = input(0);
    Variable weight = input(1);
    Variable bias = input(2);
    Tensor dy = Rows.flat("linear", gradient);
    if (x.requiresGradient()) {
      Tensor dx = Rows.flat("linear", gradientOf(tape, x));
      tape.kernels().matmul(dy, false, weight.value(), false, null, dx, true);
    }
    if (weight.requiresGradient()) {
      tape.kernels().matmul(dy, true, rows, false, null, gradientOf(tape, weight), true);
    }
    if (bias.requiresGradient()) {
      tape.kernels().addColumnSums(dy, gradientOf(tape, bias));
    }
  }
}
