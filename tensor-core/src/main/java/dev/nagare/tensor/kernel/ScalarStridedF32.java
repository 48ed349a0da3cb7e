package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

import dev.nagare.tensor.kernel.Pointwise.Comparison;
import dev.nagare.tensor.kernel.Pointwise.Function;
import dev.nagare.tensor.kernel.Pointwise.Single;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * F32 rows, one element at a time; logarithms are those of {@link StrictMath}, rounded, powers
 * those of {@link MathF32}.
 */
class ScalarStridedF32 implements StridedLoops {

  @Override
  public void binary(Function f, long a, long aStep, long b, long bStep, long out, long n) {
    for (long i = 0; i < n; i++) {
      setFloat(out, i, apply(f, getFloat(a, i * aStep), getFloat(b, i * bStep)));
    }
  }

  private static float apply(Function f, float a, float b) {
    return switch (f) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAXIMUM -> a > b || Float.isNaN(a) ? a : b;
      case MINIMUM -> a < b || Float.isNaN(a) ? a : b;
      case POW -> MathF32.pow(a, b);
      case SAME -> a == b || (Float.isNaN(a) && Float.isNaN(b)) ? 1 : 0;
    };
  }

  @Override
  public void slope(
      Function f, boolean byA, long a, long aStep, long b, long bStep, long dy, long out, long n) {
    for (long i = 0; i < n; i++) {
      float left = getFloat(a, i * aStep);
      float right = getFloat(b, i * bStep);
      float up = getFloat(dy, i);
      setFloat(out, i, byA ? byA(f, left, right, up) : byB(f, left, right, up));
    }
  }

  private static float byA(Function f, float a, float b, float up) {
    return switch (f) {
      case ADD, SUB -> up;
      case MUL -> up * b;
      case DIV -> up / b;
      case MAXIMUM -> a == b ? up / 2 : a < b ? 0 : up;
      case MINIMUM -> a == b ? up / 2 : a > b ? 0 : up;
      case POW -> b == 0 ? 0 : up * (b * MathF32.pow(a, b - 1));
      case SAME -> 0;
    };
  }

  private static float byB(Function f, float a, float b, float up) {
    return switch (f) {
      case ADD -> up;
      case SUB -> -up;
      case MUL -> up * a;
      case DIV -> -up * (a / b) / b;
      case MAXIMUM -> a == b ? up / 2 : a > b ? 0 : up;
      case MINIMUM -> a == b ? up / 2 : a < b ? 0 : up;
      // At 0 the power is constant in the exponent, though the logarithm is not finite.
      case POW -> a == 0 && b >= 0 ? 0 : up * (float) (MathF32.pow(a, b) * StrictMath.log(a));
      case SAME -> 0;
    };
  }

  @Override
  public void unary(Single f, long x, long out, long n) {
    for (long i = 0; i < n; i++) {
      float v = getFloat(x, i);
      float y =
          switch (f) {
            case NEG -> -v;
            case SQRT -> (float) Math.sqrt(v);
            case LOG -> (float) StrictMath.log(v);
            case ERF -> NormalF32.erf(v);
            case RECIPROCAL -> 1 / v;
            case FLOOR -> (float) Math.floor(v);
            case CEIL -> (float) Math.ceil(v);
            case ROUND -> (float) Math.rint(v);
          };
      setFloat(out, i, y);
    }
  }

  @Override
  public void unaryBackward(Single f, long x, long y, long dy, long dx, long n) {
    for (long i = 0; i < n; i++) {
      float up = getFloat(dy, i);
      float term =
          switch (f) {
            case NEG -> -up;
            case SQRT -> up / (2 * getFloat(y, i));
            case LOG -> up / getFloat(x, i);
            case ERF -> up * NormalF32.erfSlope(getFloat(x, i));
            case RECIPROCAL -> -up * getFloat(y, i) * getFloat(y, i);
            case FLOOR, CEIL, ROUND -> 0;
          };
      setFloat(dx, i, getFloat(dx, i) + term);
    }
  }

  @Override
  public void clamp(double low, double high, long x, long out, long n) {
    float least = (float) low;
    float most = (float) high;
    for (long i = 0; i < n; i++) {
      float v = getFloat(x, i);
      setFloat(out, i, v > most ? most : v < least ? least : v);
    }
  }

  @Override
  public void linear(double factor, double term, long x, long out, long n) {
    float by = (float) factor;
    float more = (float) term;
    for (long i = 0; i < n; i++) {
      setFloat(out, i, Math.fma(by, getFloat(x, i), more));
    }
  }

  @Override
  public void clampBackward(double low, double high, long x, long dy, long dx, long n) {
    float least = (float) low;
    float most = (float) high;
    for (long i = 0; i < n; i++) {
      float v = getFloat(x, i);
      if (v >= least && v <= most) {
        setFloat(dx, i, getFloat(dx, i) + getFloat(dy, i));
      }
    }
  }

  @Override
  public void compare(Comparison c, long a, long aStep, long b, long bStep, long out, long n) {
    for (long i = 0; i < n; i++) {
      boolean holds = c.holds(getFloat(a, i * aStep), getFloat(b, i * bStep));
      Addresses.ALL.set(ValueLayout.JAVA_BYTE, out + i, (byte) (holds ? 1 : 0));
    }
  }

  @Override
  public void where(
      long condition, long cStep, long a, long aStep, long b, long bStep, long out, long n) {
    for (long i = 0; i < n; i++) {
      boolean first = Addresses.ALL.get(ValueLayout.JAVA_BYTE, condition + i * cStep) != 0;
      setFloat(out, i, first ? getFloat(a, i * aStep) : getFloat(b, i * bStep));
    }
  }

  @Override
  public void add(double alpha, long x, long xStep, long y, long yStep, long n) {
    float factor = (float) alpha;
    for (long i = 0; i < n; i++) {
      setFloat(y, i * yStep, Math.fma(factor, getFloat(x, i * xStep), getFloat(y, i * yStep)));
    }
  }

  @Override
  public void addSum(double alpha, long x, long xStep, long y, long n) {
    float[] partials = Scratch.ofThread().partials();
    double total = 0;
    for (long from = 0; from < n; from += Loops.BLOCK) {
      Arrays.fill(partials, 0);
      for (long i = from, end = Math.min(n, from + Loops.BLOCK); i < end; i++) {
        partials[(int) (i % Loops.PARTIALS)] += getFloat(x, i * xStep);
      }
      total += Tree.sum(partials);
    }
    setFloat(y, 0, (float) (getFloat(y, 0) + alpha * total));
  }

  @Override
  public void extreme(boolean max, long x, long xStep, long y, long yStep, long n) {
    Function f = max ? Function.MAXIMUM : Function.MINIMUM;
    for (long i = 0; i < n; i++) {
      float best = apply(f, getFloat(y, i * yStep), getFloat(x, i * xStep));
      setFloat(y, i * yStep, best);
    }
  }

  @Override
  public long argExtreme(boolean max, long x, long xStep, long n) {
    long at = 0;
    float best = getFloat(x, 0);
    for (long i = 1; i < n && !Float.isNaN(best); i++) {
      float v = getFloat(x, i * xStep);
      if (Float.isNaN(v) || (max ? v > best : v < best)) {
        best = v;
        at = i;
      }
    }
    return at;
  }
}
