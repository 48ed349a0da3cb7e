package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.TensorException;

/** What poolings of sequences refuse. */
final class Pool1d {
  private Pool1d() {}

  static void require(String op, Variable x) {
    if (x.shape().rank() != 3) {
      throw TensorException.mismatch(op + ": expected x [N, C, L], got " + x);
    }
  }
}
