package dev.nagare.loadtest.arch.violations;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Breaks the rule about vector maths. */
public final class UsesVectorMaths {
  private UsesVectorMaths() {}

  static FloatVector tanh(FloatVector vector) {
    return vector.lanewise(VectorOperators.TANH);
  }
}
