package dev.nagare.autograd;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.lang.foreign.MemorySegment;

/**
 * Two sequences beside each other, column by column.
 *
 * <p>Shapes: {@code [N, T, A], [N, T, B] -> [N, T, A + B]}. Dtypes: all. Gradient: to both. Source:
 * {@code torch.cat} along the last axis.
 */
public final class Beside extends Node {
  private Beside(Variable left, Variable right) {
    super("beside", left, right);
  }

  /** Puts them beside each other. */
  public static Variable apply(Variable left, Variable right) {
    Tape tape = Tape.of("beside", left, right);
    Tensor a = left.value();
    Tensor b = right.value();
    if (left.shape().rank() != 3
        || right.shape().rank() != 3
        || a.dtype() != b.dtype()
        || a.dim(0) != b.dim(0)
        || a.dim(1) != b.dim(1)) {
      throw TensorException.mismatch(
          "beside: expected [N, T, A] and [N, T, B], got " + left + " and " + right);
    }
    Shape shape = Shape.of(a.dim(0), a.dim(1), a.dim(2) + b.dim(2));
    Tensor out = tape.scope().empty(a.dtype(), shape);
    copy(a, out, 0, true);
    copy(b, out, a.dim(2), true);
    return tape.record(new Beside(left, right), out);
  }

  /** Between the columns of a wide tensor from one on and all of a narrow one. */
  private static void copy(Tensor narrow, Tensor wide, long column, boolean toWide) {
    MemorySegment part = narrow.segment();
    MemorySegment all = wide.segment();
    int bytes = narrow.dtype().bytes();
    long row = narrow.dim(2) * bytes;
    for (long i = 0, rows = narrow.dim(0) * narrow.dim(1); i < rows; i++) {
      long at = (i * wide.dim(2) + column) * bytes;
      if (toWide) {
        MemorySegment.copy(part, i * row, all, at, row);
      } else {
        MemorySegment.copy(all, at, part, i * row, row);
      }
    }
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    long column = 0;
    for (int i = 0; i < 2; i++) {
      Variable part = input(i);
      if (part.requiresGradient()) {
        Tensor slopes = tape.scope().empty(gradient.dtype(), part.shape());
        copy(slopes, gradient, column, false);
        tape.kernels().axpy(1, slopes, gradientOf(tape, part));
      }
      column += part.value().dim(2);
    }
  }
}
