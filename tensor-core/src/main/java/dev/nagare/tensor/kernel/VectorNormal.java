package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.VectorMath.all;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link NormalF32} for a vector of arguments: the same operations in the same order. */
final class VectorNormal {
  private static final FloatVector MAX = all(NormalF32.MAX);
  private static final FloatVector K = all(NormalF32.K);
  private static final FloatVector MINUS_2K = all(-2 * NormalF32.K);
  private static final FloatVector MINUS_HALF = all(-0.5f);
  private static final FloatVector P0 = all(NormalF32.P0);
  private static final FloatVector P1 = all(NormalF32.P1);
  private static final FloatVector P2 = all(NormalF32.P2);
  private static final FloatVector P3 = all(NormalF32.P3);
  private static final FloatVector P4 = all(NormalF32.P4);
  private static final FloatVector P5 = all(NormalF32.P5);
  private static final FloatVector P6 = all(NormalF32.P6);
  private static final FloatVector P7 = all(NormalF32.P7);
  private static final FloatVector P8 = all(NormalF32.P8);
  private static final FloatVector P9 = all(NormalF32.P9);

  private VectorNormal() {}

  static FloatVector bell(FloatVector x) {
    FloatVector a = size(x);
    FloatVector square = a.mul(a);
    FloatVector rest = a.fma(a, square.neg());
    FloatVector bell = VectorMath.exp(square.mul(MINUS_HALF));
    return bell.fma(rest.mul(MINUS_HALF), bell);
  }

  static FloatVector share(FloatVector x, FloatVector bell) {
    FloatVector t = VectorMath.ONE.div(size(x).add(K));
    FloatVector q = t.fma(MINUS_2K, VectorMath.ONE);
    FloatVector p = q.fma(P9, P8);
    p = p.fma(q, P7);
    p = p.fma(q, P6);
    p = p.fma(q, P5);
    p = p.fma(q, P4);
    p = p.fma(q, P3);
    p = p.fma(q, P2);
    p = p.fma(q, P1);
    p = p.fma(q, P0);
    FloatVector tail = bell.mul(t.mul(p));
    return VectorMath.ONE.sub(tail).blend(tail, x.compare(VectorOperators.LT, VectorMath.ZERO));
  }

  private static FloatVector size(FloatVector x) {
    FloatVector a = x.abs();
    return a.blend(MAX, a.compare(VectorOperators.GT, MAX));
  }
}
