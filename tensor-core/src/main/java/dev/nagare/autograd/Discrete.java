package dev.nagare.autograd;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Pointwise.Comparison;
import java.util.Arrays;

/**
 * Results that are no floating point numbers, and so have no gradient: comparisons (BOOL) and
 * positions of extremes (I64). They are constants on the tape; no graph is cut, since nothing
 * differentiable could follow.
 *
 * <p>Shapes and dtypes are with each. Source: {@code torch.eq} and the like, {@code torch.argmax},
 * {@code torch.nn.functional.one_hot}.
 */
final class Discrete {
  private Discrete() {}

  /** A, B {@code ->} what both are {@link Broadcast} to, BOOL; any one dtype. */
  static Variable compare(Comparison comparison, Variable a, Variable b) {
    Tape tape = Tape.of("compare", a, b);
    Tensor out = tape.scope().empty(DType.BOOL, Broadcast.shape("compare", a, b));
    tape.kernels().pointwise().compare(comparison, a.value(), b.value(), out);
    return tape.constant(out);
  }

  /** {@code S -> S} without the axis, I64; the first position of equal ones. */
  static Variable argExtreme(boolean max, Variable x, int axis, boolean keepDim) {
    String op = max ? "argMax" : "argMin";
    Tape tape = Tape.of(op, x);
    int at = Axes.one(op, x.value(), axis);
    Axes axes = Axes.of(op, x.value(), keepDim, at);
    Tensor out = tape.scope().empty(DType.I64, axes.result());
    tape.kernels().reductions().argExtreme(max, x.value(), at, axes.keep(out));
    return tape.constant(out);
  }

  /** {@code S -> S, classes}: 1 at each class, else 0; of any dtype. */
  static Variable oneHot(Tape tape, Tensor index, long classes, DType dtype) {
    if (index.dtype() != DType.I64 || classes < 1) {
      throw TensorException.mismatch(
          "oneHot: expected an I64 index and 1 class or more, got " + index + " and " + classes);
    }
    long[] dims = Arrays.copyOf(index.shape().toArray(), index.shape().rank() + 1);
    dims[dims.length - 1] = classes;
    Tensor out = tape.scope().zeros(dtype, Shape.of(dims));
    for (long i = 0; i < index.elements(); i++) {
      long at = index.getLong(i);
      if (at < 0 || at >= classes) {
        throw TensorException.mismatch("oneHot: class " + at + " of " + classes);
      }
      out.setLong(i * classes + at, 1);
    }
    return tape.constant(out);
  }
}
