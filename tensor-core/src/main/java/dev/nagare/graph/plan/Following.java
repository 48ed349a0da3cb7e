package dev.nagare.graph.plan;

import dev.nagare.graph.Operator;
import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.Slice;
import dev.nagare.graph.op.Split;

/** Operators that move elements whatever their strides: what they make lies as what they read. */
final class Following {
  private Following() {}

  static boolean isFollower(Operator operator) {
    return operator instanceof Concat || operator instanceof Split || operator instanceof Slice;
  }
}
