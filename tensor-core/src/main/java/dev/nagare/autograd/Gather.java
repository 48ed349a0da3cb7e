package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;

/**
 * Elements chosen along an axis: {@code out[i][j][k] = x[i][index[i][j][k]][k]} for axis 1.
 *
 * <p>Shapes: index has as many axes as x and the result's shape; along the other axes it may be
 * shorter. Dtypes: all, F32 and F64 with a gradient; index I64. Gradient: added to where each
 * element came from. An index below 0 or beyond the axis is refused. Source: {@code torch.gather}.
 */
final class Gather extends Node {
  private final int axis;
  private final Tensor index;

  private Gather(String op, Variable x, int axis, Tensor index) {
    super(op, x);
    this.axis = axis;
    this.index = index;
  }

  static Variable apply(Variable x, int axis, Tensor index) {
    return apply("gather", x, Axes.one("gather", x.value(), axis), index);
  }

  /** Whole rows: {@code torch.index_select}; index {@code [K]}. */
  static Variable rows(Variable x, int axis, Tensor index) {
    int at = Axes.one("indexSelect", x.value(), axis);
    if (index.shape().rank() != 1) {
      throw TensorException.mismatch("indexSelect: expected an index [K], got " + index);
    }
    long[] dims = x.shape().toArray();
    long[] ones = new long[dims.length];
    Arrays.fill(ones, 1);
    dims[at] = index.dim(0);
    ones[at] = index.dim(0);
    return apply("indexSelect", x, at, index.reshape(ones).expand(dims));
  }

  private static Variable apply(String op, Variable x, int axis, Tensor index) {
    Tape tape = Tape.of(op, x);
    Tensor out = tape.scope().empty(x.value().dtype(), index.shape());
    tape.kernels().indexing().gather(x.value(), axis, index, out);
    return tape.record(new Gather(op, x, axis, index), out);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    tape.kernels().indexing().scatterAdd(gradient, axis, index, gradientOf(tape, input(0)));
  }
}
