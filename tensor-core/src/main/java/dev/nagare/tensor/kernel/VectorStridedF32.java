package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import dev.nagare.tensor.kernel.Pointwise.Function;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * F32 rows with vectors where both operands lie densely or repeat one element, with the bits of
 * {@link ScalarStridedF32}, which does the rest.
 */
final class VectorStridedF32 extends ScalarStridedF32 {
  private static final int LANES = FLOATS.length();

  private static final LoopUnit PAIRS = unit("pairs");
  private static final LoopUnit RIGHT_REPEATS = unit("rightRepeats");
  private static final LoopUnit LEFT_REPEATS = unit("leftRepeats");
  private static final LoopUnit ADD = unit("multiplyAdd");

  private static LoopUnit unit(String name) {
    return new LoopUnit(MethodHandles.lookup(), name);
  }

  @Override
  public void binary(Function f, long a, long aStep, long b, long bStep, long out, long n) {
    boolean dense = aStep <= 1 && bStep <= 1 && aStep + bStep > 0;
    if (f == Function.POW || f == Function.SAME || !dense || n < LANES) {
      super.binary(f, a, aStep, b, bStep, out, n);
      return;
    }
    long whole = n - n % LANES;
    LoopUnit loop = aStep == 0 ? LEFT_REPEATS : bStep == 0 ? RIGHT_REPEATS : PAIRS;
    loop.run(f, a, b, out, whole);
    super.binary(
        f, a + 4 * whole * aStep, aStep, b + 4 * whole * bStep, bStep, out + 4 * whole, n - whole);
  }

  static void pairs(Function f, long a, long b, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(apply(f, load(a, i), load(b, i)), out, i);
    }
  }

  static void rightRepeats(Function f, long a, long b, long out, long n) {
    FloatVector right = all(getFloat(b, 0));
    for (long i = 0; i < n; i += LANES) {
      store(apply(f, load(a, i), right), out, i);
    }
  }

  static void leftRepeats(Function f, long a, long b, long out, long n) {
    FloatVector left = all(getFloat(a, 0));
    for (long i = 0; i < n; i += LANES) {
      store(apply(f, left, load(b, i)), out, i);
    }
  }

  private static FloatVector apply(Function f, FloatVector a, FloatVector b) {
    return switch (f) {
      case ADD -> a.add(b);
      case SUB -> a.sub(b);
      case MUL -> a.mul(b);
      case DIV -> a.div(b);
      case MAXIMUM -> choose(a, b, a.compare(VectorOperators.GT, b));
      case MINIMUM -> choose(a, b, a.compare(VectorOperators.LT, b));
      case POW, SAME -> throw new IllegalStateException(f.op());
    };
  }

  /** a where it wins or is not a number. */
  private static FloatVector choose(FloatVector a, FloatVector b, VectorMask<Float> wins) {
    return b.blend(a, wins).blend(a, a.compare(VectorOperators.NE, a));
  }

  @Override
  public void add(double alpha, long x, long xStep, long y, long yStep, long n) {
    long whole = xStep == 1 && yStep == 1 ? n - n % LANES : 0;
    if (whole > 0) {
      ADD.run((float) alpha, x, y, whole);
    }
    super.add(alpha, x + 4 * whole, xStep, y + 4 * whole, yStep, n - whole);
  }

  static void multiplyAdd(float alpha, long x, long y, long n) {
    FloatVector factor = all(alpha);
    for (long i = 0; i < n; i += LANES) {
      store(factor.fma(load(x, i), load(y, i)), y, i);
    }
  }

  @Override
  public void addSum(double alpha, long x, long xStep, long y, long n) {
    if (xStep != 1) {
      super.addSum(alpha, x, xStep, y, n);
    } else {
      double sum = VectorSums.sum(x, n);
      Addresses.setFloat(y, 0, (float) (getFloat(y, 0) + alpha * sum));
    }
  }
}
