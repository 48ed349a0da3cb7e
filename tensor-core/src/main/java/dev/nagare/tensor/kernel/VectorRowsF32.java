package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * F32 rows over vectors of the machine's width, with the bits of {@link ScalarRowsF32}, which also
 * does the elements that fill no group of partials. A register holds some of the partials; one pass
 * over the row is made for each register that they take. A sum begins with a vector that is made on
 * the spot: begun with a constant, which lies on the heap, it would be put there at every step.
 */
final class VectorRowsF32 implements RowLoops {
  private static final int LANES = FLOATS.length();
  private static final int GROUP = Loops.PARTIALS;

  private static final RowUnit MAX = new RowUnit("maxLoop");
  private static final RowUnit SCALE_MAX = new RowUnit("scaleMaxLoop");
  private static final RowUnit SCALE_MASK_MAX = new RowUnit("scaleMaskMaxLoop");
  private static final RowUnit EXP_SUM = new RowUnit("expSumLoop");
  private static final RowUnit SUBTRACT = new RowUnit("subtractLoop");
  private static final RowUnit SCALE = new RowUnit("scaleLoop");
  private static final RowUnit SUM = new RowUnit("sumLoop");
  private static final RowUnit DOT = new RowUnit("dotLoop");
  private static final RowUnit DOT_OF_THREE = new RowUnit("dotOfThreeLoop");
  private static final RowUnit SQUARED_DISTANCES = new RowUnit("squaredDistancesLoop");
  private static final RowUnit ADD_PRODUCTS = new RowUnit("addProductsLoop");
  private static final RowUnit ADD_SOFTMAX_SLOPES = new RowUnit("addSoftmaxSlopesLoop");
  private static final RowUnit SOFTMAX_SLOPES = new RowUnit("softmaxSlopesLoop");
  private static final RowUnit ADD_LOG_SOFTMAX_SLOPES = new RowUnit("addLogSoftmaxSlopesLoop");
  private static final RowUnit NORMALIZE = new RowUnit("normalizeLoop");
  private static final RowUnit ADD_NORM_SLOPES = new RowUnit("addNormSlopesLoop");

  private final ScalarRowsF32 rest = new ScalarRowsF32();

  private static float[] partials(float value) {
    float[] partials = Scratch.ofThread().partials();
    Arrays.fill(partials, value);
    return partials;
  }

  private static long whole(long n) {
    return n & -GROUP;
  }

  private static float largest(float[] lanes) {
    float max = lanes[0];
    for (float lane : lanes) {
      max = lane > max ? lane : max;
    }
    return max;
  }

  @Override
  public double max(long x, long n) {
    float[] lanes = partials(Float.NEGATIVE_INFINITY);
    MAX.run(lanes, x, whole(n));
    return rest.max(largest(lanes), x, whole(n), n);
  }

  static void maxLoop(float[] lanes, long x, long n) {
    FloatVector max = all(Float.NEGATIVE_INFINITY);
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      max = max.blend(v, v.compare(VectorOperators.GT, max));
    }
    max.intoArray(lanes, 0);
  }

  @Override
  public double scaleMax(double factor, long x, long n) {
    float[] lanes = partials(Float.NEGATIVE_INFINITY);
    SCALE_MAX.run(lanes, (float) factor, x, whole(n));
    return rest.scaleMax(largest(lanes), (float) factor, x, whole(n), n);
  }

  static void scaleMaxLoop(float[] lanes, float factor, long x, long n) {
    FloatVector factors = all(factor);
    FloatVector max = all(Float.NEGATIVE_INFINITY);
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = factors.mul(load(x, i));
      store(v, x, i);
      max = max.blend(v, v.compare(VectorOperators.GT, max));
    }
    max.intoArray(lanes, 0);
  }

  @Override
  public double scaleMaskMax(double factor, long x, long mask, long n) {
    float[] lanes = partials(Float.NEGATIVE_INFINITY);
    SCALE_MASK_MAX.run(lanes, (float) factor, x, mask, whole(n));
    return rest.scaleMaskMax(largest(lanes), (float) factor, x, mask, whole(n), n);
  }

  static void scaleMaskMaxLoop(float[] lanes, float factor, long x, long mask, long n) {
    FloatVector factors = all(factor);
    FloatVector max = all(Float.NEGATIVE_INFINITY);
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = factors.fma(load(x, i), load(mask, i));
      store(v, x, i);
      max = max.blend(v, v.compare(VectorOperators.GT, max));
    }
    max.intoArray(lanes, 0);
  }

  @Override
  public double expSum(double shift, long x, long out, long n) {
    float[] partials = partials(0);
    EXP_SUM.run(partials, (float) shift, x, out, whole(n));
    return rest.expSum(partials, (float) shift, x, out, whole(n), n);
  }

  static void expSumLoop(float[] partials, float shift, long x, long out, long n) {
    FloatVector shifts = all(shift);
    for (int lane = 0; lane < GROUP; lane += LANES) {
      FloatVector sum = all(0f);
      for (long i = lane; i < n; i += GROUP) {
        FloatVector v = VectorMath.exp(load(x, i).sub(shifts));
        store(v, out, i);
        sum = sum.add(v);
      }
      sum.intoArray(partials, lane);
    }
  }

  @Override
  public void subtract(double shift, long x, long out, long n) {
    SUBTRACT.run((float) shift, x, out, whole(n));
    rest.subtract((float) shift, x, out, whole(n), n);
  }

  static void subtractLoop(float shift, long x, long out, long n) {
    FloatVector shifts = all(shift);
    for (long i = 0; i < n; i += LANES) {
      store(load(x, i).sub(shifts), out, i);
    }
  }

  @Override
  public void scale(double factor, long x, long n) {
    SCALE.run((float) factor, x, x, whole(n));
    rest.scale((float) factor, x, whole(n), n);
  }

  static void scaleLoop(float factor, long x, long out, long n) {
    FloatVector factors = all(factor);
    for (long i = 0; i < n; i += LANES) {
      store(factors.mul(load(x, i)), out, i);
    }
  }

  @Override
  public double sum(long x, long n) {
    float[] partials = partials(0);
    SUM.run(partials, x, whole(n));
    return rest.sum(partials, x, whole(n), n);
  }

  static void sumLoop(float[] partials, long x, long n) {
    for (int lane = 0; lane < GROUP; lane += LANES) {
      FloatVector sum = all(0f);
      for (long i = lane; i < n; i += GROUP) {
        sum = sum.add(load(x, i));
      }
      sum.intoArray(partials, lane);
    }
  }

  @Override
  public double dot(long a, long b, long n) {
    float[] partials = partials(0);
    DOT.run(partials, a, b, whole(n));
    return rest.dot(partials, a, b, whole(n), n);
  }

  static void dotLoop(float[] partials, long a, long b, long n) {
    for (int lane = 0; lane < GROUP; lane += LANES) {
      FloatVector sum = all(0f);
      for (long i = lane; i < n; i += GROUP) {
        sum = load(a, i).fma(load(b, i), sum);
      }
      sum.intoArray(partials, lane);
    }
  }

  @Override
  public double dot(long a, long b, long c, long n) {
    float[] partials = partials(0);
    DOT_OF_THREE.run(partials, a, b, c, whole(n));
    return rest.dot(partials, a, b, c, whole(n), n);
  }

  static void dotOfThreeLoop(float[] partials, long a, long b, long c, long n) {
    for (int lane = 0; lane < GROUP; lane += LANES) {
      FloatVector sum = all(0f);
      for (long i = lane; i < n; i += GROUP) {
        sum = load(a, i).mul(load(b, i)).fma(load(c, i), sum);
      }
      sum.intoArray(partials, lane);
    }
  }

  @Override
  public double squaredDistances(double mean, long x, long n) {
    float[] partials = partials(0);
    SQUARED_DISTANCES.run(partials, (float) mean, x, whole(n));
    return rest.squaredDistances(partials, (float) mean, x, whole(n), n);
  }

  static void squaredDistancesLoop(float[] partials, float mean, long x, long n) {
    FloatVector means = all(mean);
    for (int lane = 0; lane < GROUP; lane += LANES) {
      FloatVector sum = all(0f);
      for (long i = lane; i < n; i += GROUP) {
        FloatVector distance = load(x, i).sub(means);
        sum = distance.fma(distance, sum);
      }
      sum.intoArray(partials, lane);
    }
  }

  @Override
  public void addProducts(long a, long b, long y, long n) {
    ADD_PRODUCTS.run(a, b, y, whole(n));
    rest.addProducts(a, b, y, whole(n), n);
  }

  static void addProductsLoop(long a, long b, long y, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).fma(load(b, i), load(y, i)), y, i);
    }
  }

  @Override
  public void addSoftmaxSlopes(double dot, long y, long dy, long dx, long n) {
    ADD_SOFTMAX_SLOPES.run((float) dot, y, dy, dx, whole(n));
    rest.addSoftmaxSlopes((float) dot, y, dy, dx, whole(n), n);
  }

  static void addSoftmaxSlopesLoop(float dot, long y, long dy, long dx, long n) {
    FloatVector dots = all(dot);
    for (long i = 0; i < n; i += LANES) {
      store(load(y, i).fma(load(dy, i).sub(dots), load(dx, i)), dx, i);
    }
  }

  @Override
  public void softmaxSlopes(double factor, double dot, long y, long x, long n) {
    SOFTMAX_SLOPES.run((float) factor, (float) dot, y, x, whole(n));
    rest.softmaxSlopes((float) factor, (float) dot, y, x, whole(n), n);
  }

  static void softmaxSlopesLoop(float factor, float dot, long y, long x, long n) {
    FloatVector factors = all(factor);
    FloatVector dots = all(dot);
    for (long i = 0; i < n; i += LANES) {
      store(load(y, i).mul(load(x, i).sub(dots)).mul(factors), x, i);
    }
  }

  @Override
  public void addLogSoftmaxSlopes(double sum, long y, long dy, long dx, long n) {
    ADD_LOG_SOFTMAX_SLOPES.run((float) -sum, y, dy, dx, whole(n));
    rest.addLogSoftmaxSlopes((float) -sum, y, dy, dx, whole(n), n);
  }

  static void addLogSoftmaxSlopesLoop(float factor, long y, long dy, long dx, long n) {
    FloatVector factors = all(factor);
    for (long i = 0; i < n; i += LANES) {
      FloatVector slope = factors.fma(VectorMath.exp(load(y, i)), load(dy, i));
      store(load(dx, i).add(slope), dx, i);
    }
  }

  @Override
  public void normalize(
      double mean, double rstd, long x, long gamma, long beta, long normal, long out, long n) {
    NORMALIZE.run((float) mean, (float) rstd, x, gamma, beta, normal, out, whole(n));
    rest.normalize((float) mean, (float) rstd, x, gamma, beta, normal, out, whole(n), n);
  }

  static void normalizeLoop(
      float mean, float rstd, long x, long gamma, long beta, long normal, long out, long n) {
    FloatVector means = all(mean);
    FloatVector factors = all(rstd);
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i).sub(means).mul(factors);
      store(v, normal, i);
      store(v.fma(load(gamma, i), load(beta, i)), out, i);
    }
  }

  @Override
  public void addNormSlopes(
      double rstd, double first, double second, long normal, long gamma, long dy, long dx, long n) {
    float minus = (float) -second;
    ADD_NORM_SLOPES.run((float) rstd, (float) first, minus, normal, gamma, dy, dx, whole(n));
    rest.addNormSlopes((float) rstd, (float) first, minus, normal, gamma, dy, dx, whole(n), n);
  }

  static void addNormSlopesLoop(
      float rstd, float first, float minus, long normal, long gamma, long dy, long dx, long n) {
    FloatVector factors = all(rstd);
    FloatVector firsts = all(first);
    FloatVector seconds = all(minus);
    for (long i = 0; i < n; i += LANES) {
      FloatVector slope = load(dy, i).mul(load(gamma, i)).sub(firsts);
      slope = seconds.fma(load(normal, i), slope);
      store(factors.fma(slope, load(dx, i)), dx, i);
    }
  }
}
