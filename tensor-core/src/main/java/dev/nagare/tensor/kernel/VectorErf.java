package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.ZERO;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The error function over vectors, with the bits of {@link NormalF32#erf}: three loops over a block
 * in scratch, each short enough for C2.
 */
final class VectorErf {
  private static final int LANES = FLOATS.length();

  /** Elements of a block, a multiple of any width: 8 KiB, which stay in the nearest cache. */
  private static final long BLOCK = 2048;

  private static final LoopUnit BELLS = unit("bells");
  private static final LoopUnit INSIDE = unit("inside");
  private static final LoopUnit NEAR_ZERO = unit("nearZero");

  private static final FloatVector ROOT_2 = all(NormalF32.ROOT_2);
  private static final FloatVector NEAR = all(NormalF32.NEAR);
  private static final FloatVector TWO = all(2);
  private static final FloatVector MINUS_ONE = all(-1);
  private static final FloatVector E1 = all(NormalF32.E1);
  private static final FloatVector E3 = all(NormalF32.E3);
  private static final FloatVector E5 = all(NormalF32.E5);
  private static final FloatVector E7 = all(NormalF32.E7);
  private static final FloatVector E9 = all(NormalF32.E9);
  private static final FloatVector E11 = all(NormalF32.E11);
  private static final FloatVector E13 = all(NormalF32.E13);

  private VectorErf() {}

  private static LoopUnit unit(String name) {
    return new LoopUnit(MethodHandles.lookup(), name);
  }

  /**
   * Computes elements that fill whole vectors.
   *
   * @param out may be x
   */
  static void run(long x, long out, long whole) {
    long block = Scratch.ofThread().bytes(4 * BLOCK).address();
    for (long i = 0; i < whole; i += BLOCK) {
      long size = Math.min(BLOCK, whole - i);
      BELLS.run(x + 4 * i, block, size);
      INSIDE.run(x + 4 * i, block, size);
      NEAR_ZERO.run(x + 4 * i, block, out + 4 * i, size);
    }
  }

  static void bells(long x, long block, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(VectorNormal.bell(load(x, i).abs().mul(ROOT_2)), block, i);
    }
  }

  static void inside(long x, long block, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      FloatVector share = VectorNormal.share(v.abs().mul(ROOT_2), load(block, i));
      FloatVector inside = share.fma(TWO, MINUS_ONE);
      store(inside.blend(inside.neg(), v.compare(VectorOperators.LT, ZERO)), block, i);
    }
  }

  static void nearZero(long x, long block, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      FloatVector square = v.mul(v);
      FloatVector p = square.fma(E13, E11);
      p = p.fma(square, E9);
      p = p.fma(square, E7);
      p = p.fma(square, E5);
      p = p.fma(square, E3);
      p = p.fma(square, E1);
      FloatVector far = load(block, i);
      store(far.blend(v.mul(p), v.abs().compare(VectorOperators.LT, NEAR)), out, i);
    }
  }
}
