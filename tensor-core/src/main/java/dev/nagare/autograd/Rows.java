package dev.nagare.autograd;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/** Products whose rows do not depend on how many rows there are. */
final class Rows {
  private Rows() {}

  /** A view {@code [rows, C]} of {@code [.., C]}. */
  static Tensor flat(String op, Tensor x) {
    int rank = x.shape().rank();
    if (rank == 2) {
      return x;
    }
    if (rank == 0) {
      throw TensorException.mismatch(op + ": expected [.., features], got " + x);
    }
    long columns = x.dim(-1);
    return x.reshape(columns == 0 ? 0 : x.elements() / columns, columns);
  }

  /**
   * {@code out = a · op(b) + bias}. A lone row gets a pad row: kernels promise equal bits of a row
   * for two rows or more, not for one.
   */
  static void product(
      Tape tape, Tensor a, Tensor b, boolean transposeB, @Nullable Tensor bias, Tensor out) {
    if (a.dim(0) != 1) {
      tape.kernels().matmul(a, false, b, transposeB, bias, out, false);
      return;
    }
    Tensor padded = tape.scope().zeros(a.dtype(), Shape.of(2, a.dim(1)));
    for (long j = 0; j < a.dim(1); j++) {
      padded.set(j, a.get(j));
    }
    Tensor both = tape.scope().empty(out.dtype(), Shape.of(2, out.dim(1)));
    tape.kernels().matmul(padded, false, b, transposeB, bias, both, false);
    for (long j = 0; j < out.dim(1); j++) {
      out.set(j, both.get(j));
    }
  }

  /** From the input's part of the gates to x and weightIh, operands 0 and 1. */
  static void flow(Tape tape, Node node, Tensor rows, Tensor dGates) {
    Variable x = node.input(0);
    Variable weightIh = node.input(1);
    if (weightIh.requiresGradient()) {
      tape.kernels().matmul(rows, true, dGates, false, null, Node.gradientOf(tape, weightIh), true);
    }
    if (x.requiresGradient()) {
      Tensor dx = flat(node.op, Node.gradientOf(tape, x));
      tape.kernels().matmul(dGates, false, weightIh.value(), true, null, dx, true);
    }
  }
}
