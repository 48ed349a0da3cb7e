package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

import java.util.Arrays;

/**
 * F32 rows, one element at a time: the reference that {@link VectorRowsF32} equals bit for bit, and
 * what does its last elements (the methods with {@code from}, a multiple of the partials).
 */
final class ScalarRowsF32 implements RowLoops {

  private static float[] partials(float value) {
    float[] partials = Scratch.ofThread().partials();
    Arrays.fill(partials, value);
    return partials;
  }

  @Override
  public double max(long x, long n) {
    return max(Float.NEGATIVE_INFINITY, x, 0, n);
  }

  float max(float least, long x, long from, long n) {
    float max = least;
    for (long i = from; i < n; i++) {
      float v = getFloat(x, i);
      max = v > max ? v : max;
    }
    return max;
  }

  @Override
  public double scaleMax(double factor, long x, long n) {
    return scaleMax(Float.NEGATIVE_INFINITY, (float) factor, x, 0, n);
  }

  float scaleMax(float least, float factor, long x, long from, long n) {
    float max = least;
    for (long i = from; i < n; i++) {
      float v = factor * getFloat(x, i);
      setFloat(x, i, v);
      max = v > max ? v : max;
    }
    return max;
  }

  @Override
  public double scaleMaskMax(double factor, long x, long mask, long n) {
    return scaleMaskMax(Float.NEGATIVE_INFINITY, (float) factor, x, mask, 0, n);
  }

  float scaleMaskMax(float least, float factor, long x, long mask, long from, long n) {
    float max = least;
    for (long i = from; i < n; i++) {
      float v = Math.fma(factor, getFloat(x, i), getFloat(mask, i));
      setFloat(x, i, v);
      max = v > max ? v : max;
    }
    return max;
  }

  @Override
  public double expSum(double shift, long x, long out, long n) {
    return expSum(partials(0), (float) shift, x, out, 0, n);
  }

  float expSum(float[] partials, float shift, long x, long out, long from, long n) {
    for (long i = from; i < n; i++) {
      float v = MathF32.exp(getFloat(x, i) - shift);
      setFloat(out, i, v);
      partials[(int) i & (Loops.PARTIALS - 1)] += v;
    }
    return Tree.sum(partials);
  }

  @Override
  public void subtract(double shift, long x, long out, long n) {
    subtract((float) shift, x, out, 0, n);
  }

  void subtract(float shift, long x, long out, long from, long n) {
    for (long i = from; i < n; i++) {
      setFloat(out, i, getFloat(x, i) - shift);
    }
  }

  @Override
  public void scale(double factor, long x, long n) {
    scale((float) factor, x, 0, n);
  }

  void scale(float factor, long x, long from, long n) {
    for (long i = from; i < n; i++) {
      setFloat(x, i, factor * getFloat(x, i));
    }
  }

  @Override
  public double sum(long x, long n) {
    return sum(partials(0), x, 0, n);
  }

  float sum(float[] partials, long x, long from, long n) {
    for (long i = from; i < n; i++) {
      partials[(int) i & (Loops.PARTIALS - 1)] += getFloat(x, i);
    }
    return Tree.sum(partials);
  }

  @Override
  public double dot(long a, long b, long n) {
    return dot(partials(0), a, b, 0, n);
  }

  float dot(float[] partials, long a, long b, long from, long n) {
    for (long i = from; i < n; i++) {
      int partial = (int) i & (Loops.PARTIALS - 1);
      partials[partial] = Math.fma(getFloat(a, i), getFloat(b, i), partials[partial]);
    }
    return Tree.sum(partials);
  }

  @Override
  public double dot(long a, long b, long c, long n) {
    return dot(partials(0), a, b, c, 0, n);
  }

  float dot(float[] partials, long a, long b, long c, long from, long n) {
    for (long i = from; i < n; i++) {
      int partial = (int) i & (Loops.PARTIALS - 1);
      float product = getFloat(a, i) * getFloat(b, i);
      partials[partial] = Math.fma(product, getFloat(c, i), partials[partial]);
    }
    return Tree.sum(partials);
  }

  @Override
  public double squaredDistances(double mean, long x, long n) {
    return squaredDistances(partials(0), (float) mean, x, 0, n);
  }

  float squaredDistances(float[] partials, float mean, long x, long from, long n) {
    for (long i = from; i < n; i++) {
      int partial = (int) i & (Loops.PARTIALS - 1);
      float distance = getFloat(x, i) - mean;
      partials[partial] = Math.fma(distance, distance, partials[partial]);
    }
    return Tree.sum(partials);
  }

  @Override
  public void addProducts(long a, long b, long y, long n) {
    addProducts(a, b, y, 0, n);
  }

  void addProducts(long a, long b, long y, long from, long n) {
    for (long i = from; i < n; i++) {
      setFloat(y, i, Math.fma(getFloat(a, i), getFloat(b, i), getFloat(y, i)));
    }
  }

  @Override
  public void addSoftmaxSlopes(double dot, long y, long dy, long dx, long n) {
    addSoftmaxSlopes((float) dot, y, dy, dx, 0, n);
  }

  void addSoftmaxSlopes(float dot, long y, long dy, long dx, long from, long n) {
    for (long i = from; i < n; i++) {
      setFloat(dx, i, Math.fma(getFloat(y, i), getFloat(dy, i) - dot, getFloat(dx, i)));
    }
  }

  @Override
  public void softmaxSlopes(double factor, double dot, long y, long x, long n) {
    softmaxSlopes((float) factor, (float) dot, y, x, 0, n);
  }

  void softmaxSlopes(float factor, float dot, long y, long x, long from, long n) {
    for (long i = from; i < n; i++) {
      setFloat(x, i, getFloat(y, i) * (getFloat(x, i) - dot) * factor);
    }
  }

  @Override
  public void addLogSoftmaxSlopes(double sum, long y, long dy, long dx, long n) {
    addLogSoftmaxSlopes((float) -sum, y, dy, dx, 0, n);
  }

  void addLogSoftmaxSlopes(float factor, long y, long dy, long dx, long from, long n) {
    for (long i = from; i < n; i++) {
      float slope = Math.fma(factor, MathF32.exp(getFloat(y, i)), getFloat(dy, i));
      setFloat(dx, i, getFloat(dx, i) + slope);
    }
  }

  @Override
  public void normalize(
      double mean, double rstd, long x, long gamma, long beta, long normal, long out, long n) {
    normalize((float) mean, (float) rstd, x, gamma, beta, normal, out, 0, n);
  }

  void normalize(
      float mean,
      float rstd,
      long x,
      long gamma,
      long beta,
      long normal,
      long out,
      long from,
      long n) {
    for (long i = from; i < n; i++) {
      float v = (getFloat(x, i) - mean) * rstd;
      setFloat(normal, i, v);
      setFloat(out, i, Math.fma(v, getFloat(gamma, i), getFloat(beta, i)));
    }
  }

  @Override
  public void addNormSlopes(
      double rstd, double first, double second, long normal, long gamma, long dy, long dx, long n) {
    addNormSlopes((float) rstd, (float) first, (float) -second, normal, gamma, dy, dx, 0, n);
  }

  void addNormSlopes(
      float rstd,
      float first,
      float minusSecond,
      long normal,
      long gamma,
      long dy,
      long dx,
      long from,
      long n) {
    for (long i = from; i < n; i++) {
      float slope = getFloat(dy, i) * getFloat(gamma, i) - first;
      slope = Math.fma(minusSecond, getFloat(normal, i), slope);
      setFloat(dx, i, Math.fma(rstd, slope, getFloat(dx, i)));
    }
  }
}
