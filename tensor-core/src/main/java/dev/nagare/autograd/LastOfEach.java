package dev.nagare.autograd;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * Each sequence's own last step, or its first state where it has none.
 *
 * <p>Shapes: x {@code [N, T, C]}, first {@code [N, C]}, lengths {@code [N] -> [N, C]}. Dtypes: F32,
 * F64. Gradient: to that step, or to that state.
 */
public final class LastOfEach extends Node {
  private final Tensor lengths;

  private LastOfEach(Variable x, Variable first, Tensor lengths) {
    super("lastOfEach", x, first);
    this.lengths = lengths;
  }

  /** Picks the steps; the lengths must not change until the backward has run. */
  public static Variable apply(Variable x, Variable first, Tensor lengths) {
    Tape tape = Tape.of("lastOfEach", x, first);
    if (x.shape().rank() != 3
        || !first.shape().equals(Shape.of(x.value().dim(0), x.value().dim(2)))
        || !lengths.shape().equals(Shape.of(x.value().dim(0)))) {
      throw TensorException.mismatch(
          "lastOfEach: expected x [N, T, C], first [N, C] and lengths [N], got "
              + x
              + ", "
              + first
              + " and "
              + lengths);
    }
    return tape.record(
        new LastOfEach(x, first, lengths), copy(tape, x.value(), first.value(), lengths));
  }

  static Tensor copy(Tape tape, Tensor x, Tensor first, Tensor lengths) {
    Tensor out = tape.scope().empty(x.dtype(), first.shape());
    for (long n = 0; n < x.dim(0); n++) {
      out.narrow(n, 1).copyFrom(row(x, first, lengths, n));
    }
    return out;
  }

  private static Tensor row(Tensor x, Tensor first, Tensor lengths, long n) {
    long length = (long) lengths.get(n);
    return length == 0 ? first.narrow(n, 1) : x.select(0, n).narrow(0, length - 1, 1);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dx = gradientOrPlace(tape, input(0));
    Tensor dFirst = gradientOrPlace(tape, input(1));
    for (long n = 0; n < gradient.dim(0); n++) {
      tape.kernels().axpy(1, gradient.narrow(n, 1), row(dx, dFirst, lengths, n));
    }
  }
}
