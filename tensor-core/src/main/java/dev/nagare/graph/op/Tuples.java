package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/** Positions that are named by several numbers each, the last axis of an index tensor. */
final class Tuples {
  private final String op;
  private final Tensor x;
  private final Tensor indices;
  private final int batchAxes;
  private final int length;
  private final long perBatch;

  Tuples(String op, Tensor x, Tensor indices, int batchAxes) {
    this.op = op;
    this.x = x;
    this.indices = indices;
    this.batchAxes = batchAxes;
    this.length = (int) indices.dim(-1);
    this.perBatch = Moves.product(indices, batchAxes, indices.shape().rank() - 1);
  }

  static void check(String op, Fact x, Fact indices, int batchAxes) {
    boolean fits =
        indices.rank() > batchAxes
            && batchAxes >= 0
            && x.rank() >= batchAxes
            && indices.dim(-1).isKnown()
            && indices.dim(-1).value() <= x.rank() - batchAxes;
    for (int i = 0; fits && i < batchAxes; i++) {
      fits = !Rules.differ(indices.dim(i), x.dim(i));
    }
    if (!fits) {
      throw TensorException.mismatch(
          op + ": indices " + indices + " of " + x + " with " + batchAxes + " batch axes");
    }
  }

  /** How many there are. */
  long count() {
    return Moves.product(indices, 0, indices.shape().rank() - 1);
  }

  /** Elements of x that one of them stands for. */
  long row() {
    return Moves.product(x, batchAxes + length, x.shape().rank());
  }

  /** Which row of x one of them is. */
  long at(long tuple) {
    long at = batchAxes == 0 ? 0 : tuple / perBatch;
    for (int i = 0; i < length; i++) {
      long size = x.dim(batchAxes + i);
      at = at * size + Moves.index(op, indices.getLong(tuple * length + i), size);
    }
    return at;
  }
}
