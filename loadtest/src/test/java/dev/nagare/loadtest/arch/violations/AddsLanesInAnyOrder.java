package dev.nagare.loadtest.arch.violations;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Breaks the rule about sums across lanes. */
public final class AddsLanesInAnyOrder {
  private AddsLanesInAnyOrder() {}

  static float sum(FloatVector vector) {
    return vector.reduceLanes(VectorOperators.ADD);
  }
}
