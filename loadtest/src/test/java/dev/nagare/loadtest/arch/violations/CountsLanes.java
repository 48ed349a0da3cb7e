package dev.nagare.loadtest.arch.violations;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Breaks nothing: integers have the same sum in every order, and StrictMath the same bits. */
public final class CountsLanes {
  private CountsLanes() {}

  static double sum(IntVector vector) {
    return StrictMath.exp(vector.reduceLanes(VectorOperators.ADD));
  }
}
