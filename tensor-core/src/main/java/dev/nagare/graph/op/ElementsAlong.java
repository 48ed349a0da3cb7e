package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/** Where an element of a tensor is that an index chooses along one axis, the others staying. */
final class ElementsAlong {
  private final String op;
  private final Tensor x;
  private final int axis;
  private final Tensor indices;
  private final long[] dims;
  private final long[] strides;

  ElementsAlong(String op, Tensor x, int axis, Tensor indices) {
    this.op = op;
    this.x = x;
    this.axis = Rules.axis(op, axis, x.shape().rank());
    this.indices = indices;
    this.dims = indices.shape().toArray();
    this.strides = x.strides();
  }

  static void check(String op, Fact x, int axis, Fact indices) {
    int at = Rules.axis(op, axis, x.rank());
    boolean fits = x.rank() == indices.rank();
    for (int i = 0; fits && i < x.rank(); i++) {
      Dim size = x.dim(i);
      Dim wanted = indices.dim(i);
      fits = i == at || !size.isKnown() || !wanted.isKnown() || wanted.value() <= size.value();
    }
    if (!fits) {
      throw TensorException.mismatch(
          op
              + ": indices "
              + indices.shape()
              + " along axis "
              + axis
              + " of "
              + x.shape()
              + ", expected equal shapes that are no larger along the other axes");
    }
  }

  /** Position in the contiguous x for the row-major position of an index. */
  long at(long position) {
    long rest = position;
    long at = 0;
    for (int i = dims.length - 1; i >= 0; i--) {
      long here = rest % dims[i];
      rest /= dims[i];
      long chosen = i == axis ? Moves.index(op, indices.getLong(position), x.dim(i)) : here;
      at += chosen * strides[i];
    }
    return at;
  }
}
