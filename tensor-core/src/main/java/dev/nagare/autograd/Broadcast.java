package dev.nagare.autograd;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * The rule by which operands of unlike shapes meet: axes are compared from the last, one that is
 * missing or has size 1 repeats. Source: NumPy and PyTorch.
 */
final class Broadcast {
  private Broadcast() {}

  /** The shape that both are broadcast to. */
  static Shape shape(String op, Variable a, Variable b) {
    requireDtype(op, a, b);
    return shape(op, a.shape(), b.shape());
  }

  static Shape shape(String op, Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    long[] dims = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long one = i > a.rank() ? 1 : a.dim(-i);
      long two = i > b.rank() ? 1 : b.dim(-i);
      if (one != two && one != 1 && two != 1) {
        throw TensorException.mismatch(
            op
                + ": "
                + a
                + " and "
                + b
                + " do not broadcast, expected equal sizes from the last axis on, or 1");
      }
      dims[rank - i] = one == 1 ? two : one;
    }
    return Shape.of(dims);
  }

  static void requireDtype(String op, Variable a, Variable b) {
    if (a.value().dtype() != b.value().dtype()) {
      throw TensorException.mismatch(
          op + ": expected operands of one dtype, got " + a + " and " + b);
    }
  }

  /** Whether two tensors need no broadcasting and lie alike. */
  static boolean alike(Tensor a, Tensor b) {
    return a.isContiguous()
        && b.isContiguous()
        && a.dtype() == b.dtype()
        && a.shape().equals(b.shape());
  }

  /** Adds {@code alpha · term} to an operand's gradient, summed over the axes that it repeated. */
  static void flow(Tape tape, double alpha, Tensor term, Variable to) {
    add(tape, alpha, term, to.stridedAccumulator(tape));
  }

  /** Adds {@code alpha · term} to a sum, over the axes that are of size 1 there or missing. */
  static void add(Tape tape, double alpha, Tensor term, Tensor sum) {
    if (alike(term, sum)) {
      ElementsInParts.axpy(tape, alpha, term, sum);
      return;
    }
    int[] order = MemoryOrder.of(sum);
    if (order != null && term.shape().equals(sum.shape()) && MemoryOrder.lies(term, order)) {
      ElementsInParts.axpy(
          tape, alpha, MemoryOrder.seen(tape, term, order), MemoryOrder.seen(tape, sum, order));
    } else {
      tape.kernels().reductions().addSum(alpha, term, sum);
    }
  }
}
