package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;
import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import dev.nagare.tensor.kernel.Pointwise.Function;
import dev.nagare.tensor.kernel.Pointwise.Single;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * F32 rows with vectors where both operands lie densely or repeat one element, with the bits of
 * {@link ScalarStridedF32}, which does the rest.
 */
final class VectorStridedF32 extends ScalarStridedF32 {
  private static final int LANES = FLOATS.length();

  private static final LoopUnit ADD = unit("multiplyAdd");
  private static final LoopUnit CLAMP = unit("between");
  private static final LoopUnit RECIPROCAL = unit("reciprocal");
  private static final LoopUnit LINEAR = unit("timesPlus");

  private static LoopUnit unit(String name) {
    return new LoopUnit(MethodHandles.lookup(), name);
  }

  @Override
  public void binary(Function f, long a, long aStep, long b, long bStep, long out, long n) {
    boolean dense = aStep <= 1 && bStep <= 1 && aStep + bStep > 0;
    if (!VectorPairsF32.has(f) || !dense || n < LANES) {
      super.binary(f, a, aStep, b, bStep, out, n);
      return;
    }
    long whole = n - n % LANES;
    VectorPairsF32.run(f, a, aStep, b, bStep, out, whole);
    super.binary(
        f, a + 4 * whole * aStep, aStep, b + 4 * whole * bStep, bStep, out + 4 * whole, n - whole);
  }

  @Override
  public void unary(Single f, long x, long out, long n) {
    long whole = f == Single.ERF || f == Single.RECIPROCAL ? n - n % LANES : 0;
    if (f == Single.ERF) {
      VectorErf.run(x, out, whole);
    } else if (whole > 0) {
      RECIPROCAL.run(x, out, whole);
    }
    super.unary(f, x + 4 * whole, out + 4 * whole, n - whole);
  }

  static void reciprocal(long x, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(VectorMath.ONE.div(load(x, i)), out, i);
    }
  }

  @Override
  public void clamp(double low, double high, long x, long out, long n) {
    long whole = n - n % LANES;
    CLAMP.run((float) low, (float) high, x, out, whole);
    super.clamp(low, high, x + 4 * whole, out + 4 * whole, n - whole);
  }

  static void between(float low, float high, long x, long out, long n) {
    FloatVector least = all(low);
    FloatVector most = all(high);
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      FloatVector result = v.blend(least, v.compare(VectorOperators.LT, least));
      store(result.blend(most, v.compare(VectorOperators.GT, most)), out, i);
    }
  }

  @Override
  public void linear(double factor, double term, long x, long out, long n) {
    long whole = n - n % LANES;
    LINEAR.run((float) factor, (float) term, x, out, whole);
    super.linear(factor, term, x + 4 * whole, out + 4 * whole, n - whole);
  }

  static void timesPlus(float factor, float term, long x, long out, long n) {
    FloatVector by = all(factor);
    FloatVector more = all(term);
    for (long i = 0; i < n; i += LANES) {
      store(load(x, i).fma(by, more), out, i);
    }
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
      setFloat(y, 0, (float) (getFloat(y, 0) + alpha * sum));
    }
  }
}
