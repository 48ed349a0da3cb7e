package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getDouble;
import static dev.nagare.tensor.kernel.Addresses.setDouble;

/** F64 rows, one element at a time, for gradient checks. */
final class ScalarRowsF64 implements RowLoops {

  private interface Term {
    double at(long i);
  }

  private static double total(long n, Term term) {
    double[] partials = new double[Loops.PARTIALS];
    for (long i = 0; i < n; i++) {
      partials[(int) i & (Loops.PARTIALS - 1)] += term.at(i);
    }
    return Tree.sum(partials);
  }

  @Override
  public double max(long x, long n) {
    double max = Double.NEGATIVE_INFINITY;
    for (long i = 0; i < n; i++) {
      double v = getDouble(x, i);
      max = v > max ? v : max;
    }
    return max;
  }

  @Override
  public double scaleMax(double factor, long x, long n) {
    for (long i = 0; i < n; i++) {
      setDouble(x, i, factor * getDouble(x, i));
    }
    return max(x, n);
  }

  @Override
  public double scaleMaskMax(double factor, long x, long mask, long n) {
    for (long i = 0; i < n; i++) {
      setDouble(x, i, Math.fma(factor, getDouble(x, i), getDouble(mask, i)));
    }
    return max(x, n);
  }

  @Override
  public double expSum(double shift, long x, long out, long n) {
    for (long i = 0; i < n; i++) {
      setDouble(out, i, StrictMath.exp(getDouble(x, i) - shift));
    }
    return sum(out, n);
  }

  @Override
  public void subtract(double shift, long x, long out, long n) {
    for (long i = 0; i < n; i++) {
      setDouble(out, i, getDouble(x, i) - shift);
    }
  }

  @Override
  public void scale(double factor, long x, long n) {
    for (long i = 0; i < n; i++) {
      setDouble(x, i, factor * getDouble(x, i));
    }
  }

  @Override
  public double sum(long x, long n) {
    return total(n, i -> getDouble(x, i));
  }

  @Override
  public double dot(long a, long b, long n) {
    return total(n, i -> getDouble(a, i) * getDouble(b, i));
  }

  @Override
  public double dot(long a, long b, long c, long n) {
    return total(n, i -> getDouble(a, i) * getDouble(b, i) * getDouble(c, i));
  }

  @Override
  public double squaredDistances(double mean, long x, long n) {
    return total(n, i -> (getDouble(x, i) - mean) * (getDouble(x, i) - mean));
  }

  @Override
  public void addProducts(long a, long b, long y, long n) {
    for (long i = 0; i < n; i++) {
      setDouble(y, i, Math.fma(getDouble(a, i), getDouble(b, i), getDouble(y, i)));
    }
  }

  @Override
  public void addSoftmaxSlopes(double dot, long y, long dy, long dx, long n) {
    for (long i = 0; i < n; i++) {
      setDouble(dx, i, Math.fma(getDouble(y, i), getDouble(dy, i) - dot, getDouble(dx, i)));
    }
  }

  @Override
  public void softmaxSlopes(double factor, double dot, long y, long x, long n) {
    for (long i = 0; i < n; i++) {
      setDouble(x, i, getDouble(y, i) * (getDouble(x, i) - dot) * factor);
    }
  }

  @Override
  public void addLogSoftmaxSlopes(double sum, long y, long dy, long dx, long n) {
    for (long i = 0; i < n; i++) {
      double slope = Math.fma(-sum, StrictMath.exp(getDouble(y, i)), getDouble(dy, i));
      setDouble(dx, i, getDouble(dx, i) + slope);
    }
  }

  @Override
  public void normalize(
      double mean, double rstd, long x, long gamma, long beta, long normal, long out, long n) {
    for (long i = 0; i < n; i++) {
      double v = (getDouble(x, i) - mean) * rstd;
      setDouble(normal, i, v);
      setDouble(out, i, Math.fma(v, getDouble(gamma, i), getDouble(beta, i)));
    }
  }

  @Override
  public void addNormSlopes(
      double rstd, double first, double second, long normal, long gamma, long dy, long dx, long n) {
    for (long i = 0; i < n; i++) {
      double slope = getDouble(dy, i) * getDouble(gamma, i) - first;
      slope = Math.fma(-second, getDouble(normal, i), slope);
      setDouble(dx, i, Math.fma(rstd, slope, getDouble(dx, i)));
    }
  }
}
