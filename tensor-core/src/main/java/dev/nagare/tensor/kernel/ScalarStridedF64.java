package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getDouble;
import static dev.nagare.tensor.kernel.Addresses.setDouble;

import dev.nagare.tensor.kernel.Pointwise.Comparison;
import dev.nagare.tensor.kernel.Pointwise.Function;
import dev.nagare.tensor.kernel.Pointwise.Single;
import java.lang.foreign.ValueLayout;

/** F64 rows, one element at a time; powers and logarithms are those of {@link StrictMath}. */
final class ScalarStridedF64 implements StridedLoops {

  @Override
  public void binary(Function f, long a, long aStep, long b, long bStep, long out, long n) {
    for (long i = 0; i < n; i++) {
      setDouble(out, i, apply(f, getDouble(a, i * aStep), getDouble(b, i * bStep)));
    }
  }

  private static double apply(Function f, double a, double b) {
    return switch (f) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAXIMUM -> a > b || Double.isNaN(a) ? a : b;
      case MINIMUM -> a < b || Double.isNaN(a) ? a : b;
      case POW -> StrictMath.pow(a, b);
      case SAME -> a == b || (Double.isNaN(a) && Double.isNaN(b)) ? 1 : 0;
    };
  }

  @Override
  public void slope(
      Function f, boolean byA, long a, long aStep, long b, long bStep, long dy, long out, long n) {
    for (long i = 0; i < n; i++) {
      double left = getDouble(a, i * aStep);
      double right = getDouble(b, i * bStep);
      double up = getDouble(dy, i);
      setDouble(out, i, byA ? byA(f, left, right, up) : byB(f, left, right, up));
    }
  }

  private static double byA(Function f, double a, double b, double up) {
    return switch (f) {
      case ADD, SUB -> up;
      case MUL -> up * b;
      case DIV -> up / b;
      case MAXIMUM -> a == b ? up / 2 : a < b ? 0 : up;
      case MINIMUM -> a == b ? up / 2 : a > b ? 0 : up;
      case POW -> b == 0 ? 0 : up * (b * StrictMath.pow(a, b - 1));
      case SAME -> 0;
    };
  }

  private static double byB(Function f, double a, double b, double up) {
    return switch (f) {
      case ADD -> up;
      case SUB -> -up;
      case MUL -> up * a;
      case DIV -> -up * (a / b) / b;
      case MAXIMUM -> a == b ? up / 2 : a > b ? 0 : up;
      case MINIMUM -> a == b ? up / 2 : a < b ? 0 : up;
      // At 0 the power is constant in the exponent, though the logarithm is not finite.
      case POW -> a == 0 && b >= 0 ? 0 : up * (StrictMath.pow(a, b) * StrictMath.log(a));
      case SAME -> 0;
    };
  }

  @Override
  public void unary(Single f, long x, long out, long n) {
    for (long i = 0; i < n; i++) {
      double v = getDouble(x, i);
      double y =
          switch (f) {
            case NEG -> -v;
            case SQRT -> Math.sqrt(v);
            case LOG -> StrictMath.log(v);
            case ERF -> NormalF64.erf(v);
            case RECIPROCAL -> 1 / v;
            case FLOOR -> Math.floor(v);
            case CEIL -> Math.ceil(v);
            case ROUND -> Math.rint(v);
          };
      setDouble(out, i, y);
    }
  }

  @Override
  public void unaryBackward(Single f, long x, long y, long dy, long dx, long n) {
    for (long i = 0; i < n; i++) {
      double up = getDouble(dy, i);
      double term =
          switch (f) {
            case NEG -> -up;
            case SQRT -> up / (2 * getDouble(y, i));
            case LOG -> up / getDouble(x, i);
            case ERF -> up * NormalF64.erfSlope(getDouble(x, i));
            case RECIPROCAL -> -up * getDouble(y, i) * getDouble(y, i);
            case FLOOR, CEIL, ROUND -> 0;
          };
      setDouble(dx, i, getDouble(dx, i) + term);
    }
  }

  @Override
  public void clamp(double low, double high, long x, long out, long n) {
    double least = low;
    double most = high;
    for (long i = 0; i < n; i++) {
      double v = getDouble(x, i);
      setDouble(out, i, v > most ? most : v < least ? least : v);
    }
  }

  @Override
  public void linear(double factor, double term, long x, long out, long n) {
    double by = factor;
    double more = term;
    for (long i = 0; i < n; i++) {
      setDouble(out, i, Math.fma(by, getDouble(x, i), more));
    }
  }

  @Override
  public void clampBackward(double low, double high, long x, long dy, long dx, long n) {
    double least = low;
    double most = high;
    for (long i = 0; i < n; i++) {
      double v = getDouble(x, i);
      if (v >= least && v <= most) {
        setDouble(dx, i, getDouble(dx, i) + getDouble(dy, i));
      }
    }
  }

  @Override
  public void compare(Comparison c, long a, long aStep, long b, long bStep, long out, long n) {
    for (long i = 0; i < n; i++) {
      boolean holds = c.holds(getDouble(a, i * aStep), getDouble(b, i * bStep));
      Addresses.ALL.set(ValueLayout.JAVA_BYTE, out + i, (byte) (holds ? 1 : 0));
    }
  }

  @Override
  public void where(
      long condition, long cStep, long a, long aStep, long b, long bStep, long out, long n) {
    for (long i = 0; i < n; i++) {
      boolean first = Addresses.ALL.get(ValueLayout.JAVA_BYTE, condition + i * cStep) != 0;
      setDouble(out, i, first ? getDouble(a, i * aStep) : getDouble(b, i * bStep));
    }
  }

  @Override
  public void add(double alpha, long x, long xStep, long y, long yStep, long n) {
    double factor = alpha;
    for (long i = 0; i < n; i++) {
      setDouble(y, i * yStep, Math.fma(factor, getDouble(x, i * xStep), getDouble(y, i * yStep)));
    }
  }

  @Override
  public void addSum(double alpha, long x, long xStep, long y, long n) {
    double total = 0;
    for (long from = 0; from < n; from += Loops.BLOCK) {
      double[] partials = new double[Loops.PARTIALS];
      for (long i = from, end = Math.min(n, from + Loops.BLOCK); i < end; i++) {
        partials[(int) (i % Loops.PARTIALS)] += getDouble(x, i * xStep);
      }
      total += Tree.sum(partials);
    }
    setDouble(y, 0, getDouble(y, 0) + alpha * total);
  }

  @Override
  public void extreme(boolean max, long x, long xStep, long y, long yStep, long n) {
    Function f = max ? Function.MAXIMUM : Function.MINIMUM;
    for (long i = 0; i < n; i++) {
      double best = apply(f, getDouble(y, i * yStep), getDouble(x, i * xStep));
      setDouble(y, i * yStep, best);
    }
  }

  @Override
  public long argExtreme(boolean max, long x, long xStep, long n) {
    long at = 0;
    double best = getDouble(x, 0);
    for (long i = 1; i < n && !Double.isNaN(best); i++) {
      double v = getDouble(x, i * xStep);
      if (Double.isNaN(v) || (max ? v > best : v < best)) {
        best = v;
        at = i;
      }
    }
    return at;
  }
}
