package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;
import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.ONE;
import static dev.nagare.tensor.kernel.VectorMath.ZERO;
import static dev.nagare.tensor.kernel.VectorMath.all;

import dev.nagare.tensor.DType;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link HeadLoops} over vectors, with the bits of {@link ScalarHeads}.
 *
 * <p>Vectors lie along the queries, so that the softmax goes down its columns and nothing is added
 * across lanes; only the queries have to be transposed for it. For the result they lie along the
 * columns of the values.
 */
final class VectorHeads implements HeadLoops {
  private static final int LANES = FLOATS.length();
  private static final long V = 4L * LANES;

  private static final LoopUnit SCORES_4X2 = unit("scores4x2");
  private static final LoopUnit SCORES_1X2 = unit("scores1x2");
  private static final LoopUnit SCORES_8X1 = unit("scores8x1");
  private static final LoopUnit SCORES_1X1 = unit("scores1x1");
  private static final LoopUnit MASKED = unit("masked");
  private static final LoopUnit LARGEST = unit("largest");
  private static final LoopUnit POWERS = unit("powers");
  private static final LoopUnit WEIGHTED_4X2 = unit("weighted4x2");
  private static final LoopUnit WEIGHTED_4X1 = unit("weighted4x1");
  private static final LoopUnit WEIGHTED_1X1 = unit("weighted1x1");
  private static final LoopUnit WIDENED = unit("widened");
  private static final LoopUnit NARROWED = unit("narrowed");

  private static final FloatVector LOWEST = all(Float.NEGATIVE_INFINITY);
  private static final FloatVector LEAST_POWER = all(LEAST);

  private static LoopUnit unit(String name) {
    return new LoopUnit(MethodHandles.lookup(), name);
  }

  @Override
  public int block() {
    return 2 * LANES;
  }

  @Override
  public long scratchBytes(long keys, int depth) {
    return 2 * V * (depth + keys + 2);
  }

  @Override
  public void attend(
      float scale,
      long q,
      long qRow,
      int queries,
      long k,
      long kRow,
      long v,
      long vRow,
      int keys,
      int depth,
      long mask,
      long maskRow,
      long out,
      long outRow,
      long scratch) {
    long width = queries > LANES ? 2 * V : V; // bytes of a row of scores, one for each query
    long turned = scratch;
    long scores = turned + width * depth;
    long largest = scores + width * keys;
    long factors = largest + width;
    turn(scale, q, qRow, queries, depth, turned, (int) (width / 4));
    scores(width, k, kRow, turned, scores, keys, depth);
    if (mask != 0 && maskRow != 0) {
      mask(mask, maskRow, queries, scores, width, keys);
    }
    for (long column = 0; column < width; column += V) {
      if (mask != 0 && maskRow == 0) {
        MASKED.run(scores + column, width, mask, keys);
      }
      LARGEST.run(scores + column, width, largest + column, keys);
      POWERS.run(scores + column, width, largest + column, factors + column, keys);
    }
    int i = 0;
    for (; i + 4 <= queries; i += 4) {
      long p = scores + 4L * i;
      long to = out + i * outRow;
      int d = 0;
      for (; d + 2 * LANES <= depth; d += 2 * LANES) {
        WEIGHTED_4X2.run(p, width, v + 4L * d, vRow, factors + 4L * i, to + 4L * d, outRow, keys);
      }
      for (; d + LANES <= depth; d += LANES) {
        WEIGHTED_4X1.run(p, width, v + 4L * d, vRow, factors + 4L * i, to + 4L * d, outRow, keys);
      }
      for (int r = 0; r < 4 && d < depth; r++) {
        rest(i + r, scores, width, v, vRow, factors, out, outRow, d, keys, depth);
      }
    }
    for (; i < queries; i++) {
      int d = 0;
      for (; d + LANES <= depth; d += LANES) {
        WEIGHTED_1X1.run(
            scores + 4L * i,
            width,
            v + 4L * d,
            vRow,
            factors + 4L * i,
            out + i * outRow + 4L * d,
            outRow,
            keys);
      }
      rest(i, scores, width, v, vRow, factors, out, outRow, d, keys, depth);
    }
  }

  /** {@code turned[d, i] = scale · q[i, d]}; zero where there is no query. */
  private static void turn(
      float scale, long q, long qRow, int queries, int depth, long turned, int width) {
    for (int i = 0; i < width; i++) {
      long from = q + i * qRow;
      long to = turned + 4L * i;
      if (i < queries) {
        for (int d = 0; d < depth; d++) {
          setFloat(to + 4L * d * width, 0, scale * getFloat(from + 4L * d, 0));
        }
      } else {
        for (int d = 0; d < depth; d++) {
          setFloat(to + 4L * d * width, 0, 0);
        }
      }
    }
  }

  private static void scores(
      long width, long k, long kRow, long turned, long scores, int keys, int depth) {
    boolean wide = width == 2 * V;
    int step = wide ? 4 : 8;
    LoopUnit many = wide ? SCORES_4X2 : SCORES_8X1;
    LoopUnit one = wide ? SCORES_1X2 : SCORES_1X1;
    int j = 0;
    for (; j + step <= keys; j += step) {
      many.run(k + j * kRow, kRow, turned, scores + j * width, depth);
    }
    for (; j < keys; j++) {
      one.run(k + j * kRow, kRow, turned, scores + j * width, depth);
    }
  }

  private static void mask(
      long mask, long maskRow, int queries, long scores, long width, int keys) {
    for (int i = 0; i < queries; i++) {
      for (int j = 0; j < keys; j++) {
        long at = scores + j * width + 4L * i;
        setFloat(at, 0, getFloat(at, 0) + getFloat(mask + i * maskRow, j));
      }
    }
  }

  private static void rest(
      int i,
      long scores,
      long width,
      long v,
      long vRow,
      long factors,
      long out,
      long outRow,
      int from,
      int keys,
      int depth) {
    for (int d = from; d < depth; d++) {
      float sum = ScalarHeads.weighted(scores + 4L * i, width, v + 4L * d, vRow, keys);
      setFloat(out + i * outRow, d, sum * getFloat(factors, i));
    }
  }

  static void scores4x2(long k, long kRow, long turned, long out, long depth) {
    long k1 = k + kRow;
    long k2 = k1 + kRow;
    long k3 = k2 + kRow;
    FloatVector s00 = all(0f);
    FloatVector s01 = all(0f);
    FloatVector s10 = all(0f);
    FloatVector s11 = all(0f);
    FloatVector s20 = all(0f);
    FloatVector s21 = all(0f);
    FloatVector s30 = all(0f);
    FloatVector s31 = all(0f);
    for (int d = 0, end = (int) depth; d < end; d++) {
      long row = turned + d * 2L * V;
      long at = 4L * d;
      FloatVector q0 = load(row);
      FloatVector q1 = load(row + V);
      FloatVector a = broadcast(k + at);
      s00 = a.fma(q0, s00);
      s01 = a.fma(q1, s01);
      FloatVector b = broadcast(k1 + at);
      s10 = b.fma(q0, s10);
      s11 = b.fma(q1, s11);
      FloatVector c = broadcast(k2 + at);
      s20 = c.fma(q0, s20);
      s21 = c.fma(q1, s21);
      FloatVector e = broadcast(k3 + at);
      s30 = e.fma(q0, s30);
      s31 = e.fma(q1, s31);
    }
    store(s00, out);
    store(s01, out + V);
    store(s10, out + 2 * V);
    store(s11, out + 3 * V);
    store(s20, out + 4 * V);
    store(s21, out + 5 * V);
    store(s30, out + 6 * V);
    store(s31, out + 7 * V);
  }

  static void scores1x2(long k, long kRow, long turned, long out, long depth) {
    FloatVector s0 = all(0f);
    FloatVector s1 = all(0f);
    for (int d = 0, end = (int) depth; d < end; d++) {
      long row = turned + d * 2L * V;
      FloatVector a = broadcast(k + 4L * d);
      s0 = a.fma(load(row), s0);
      s1 = a.fma(load(row + V), s1);
    }
    store(s0, out);
    store(s1, out + V);
  }

  static void scores8x1(long k, long kRow, long turned, long out, long depth) {
    long k2 = k + 2 * kRow;
    long k4 = k2 + 2 * kRow;
    long k6 = k4 + 2 * kRow;
    FloatVector s0 = all(0f);
    FloatVector s1 = all(0f);
    FloatVector s2 = all(0f);
    FloatVector s3 = all(0f);
    FloatVector s4 = all(0f);
    FloatVector s5 = all(0f);
    FloatVector s6 = all(0f);
    FloatVector s7 = all(0f);
    for (int d = 0, end = (int) depth; d < end; d++) {
      FloatVector q = load(turned + d * V);
      long at = 4L * d;
      s0 = broadcast(k + at).fma(q, s0);
      s1 = broadcast(k + kRow + at).fma(q, s1);
      s2 = broadcast(k2 + at).fma(q, s2);
      s3 = broadcast(k2 + kRow + at).fma(q, s3);
      s4 = broadcast(k4 + at).fma(q, s4);
      s5 = broadcast(k4 + kRow + at).fma(q, s5);
      s6 = broadcast(k6 + at).fma(q, s6);
      s7 = broadcast(k6 + kRow + at).fma(q, s7);
    }
    store(s0, out);
    store(s1, out + V);
    store(s2, out + 2 * V);
    store(s3, out + 3 * V);
    store(s4, out + 4 * V);
    store(s5, out + 5 * V);
    store(s6, out + 6 * V);
    store(s7, out + 7 * V);
  }

  static void scores1x1(long k, long kRow, long turned, long out, long depth) {
    FloatVector s = all(0f);
    for (int d = 0, end = (int) depth; d < end; d++) {
      s = broadcast(k + 4L * d).fma(load(turned + d * V), s);
    }
    store(s, out);
  }

  /** Adds a number for each key. */
  static void masked(long scores, long width, long mask, long keys) {
    for (int j = 0, end = (int) keys; j < end; j++) {
      long at = scores + j * width;
      store(load(at).add(broadcast(mask + 4L * j)), at);
    }
  }

  /** The largest score; zero where every key is forbidden. */
  static void largest(long scores, long width, long out, long keys) {
    FloatVector largest = all(Float.NEGATIVE_INFINITY);
    for (int j = 0, end = (int) keys; j < end; j++) {
      FloatVector s = load(scores + j * width);
      largest = largest.blend(s, s.compare(VectorOperators.GT, largest));
    }
    store(largest.blend(ZERO, largest.compare(VectorOperators.EQ, LOWEST)), out);
  }

  /** Scores to exponentials, and 1 over their sum, or zero. */
  static void powers(long scores, long width, long largest, long factors, long keys) {
    FloatVector most = load(largest);
    FloatVector sum = all(0f);
    for (int j = 0, end = (int) keys; j < end; j++) {
      FloatVector x = load(scores + j * width).sub(most);
      FloatVector y = x.blend(LEAST_POWER, x.compare(VectorOperators.LT, LEAST_POWER));
      FloatVector rounded = y.fma(VectorMath.LOG2_E, VectorMath.ROUND);
      FloatVector power = VectorMath.powerOfTwo(rounded.reinterpretAsInts());
      FloatVector fraction = VectorMath.fraction(y, rounded.sub(VectorMath.ROUND));
      FloatVector e = power.fma(fraction, power);
      e = e.blend(ZERO, x.compare(VectorOperators.LT, LEAST_POWER));
      sum = sum.add(e);
      store(e, scores + j * width);
    }
    FloatVector factor = ONE.div(sum);
    store(factor.blend(ZERO, sum.compare(VectorOperators.EQ, ZERO)), factors);
  }

  static void weighted4x2(
      long p, long width, long v, long vRow, long factors, long out, long outRow, long keys) {
    FloatVector s00 = all(0f);
    FloatVector s01 = all(0f);
    FloatVector s10 = all(0f);
    FloatVector s11 = all(0f);
    FloatVector s20 = all(0f);
    FloatVector s21 = all(0f);
    FloatVector s30 = all(0f);
    FloatVector s31 = all(0f);
    for (int j = 0, end = (int) keys; j < end; j++) {
      long row = v + j * vRow;
      long at = p + j * width;
      FloatVector v0 = load(row);
      FloatVector v1 = load(row + V);
      FloatVector a = broadcast(at);
      s00 = a.fma(v0, s00);
      s01 = a.fma(v1, s01);
      FloatVector b = broadcast(at + 4);
      s10 = b.fma(v0, s10);
      s11 = b.fma(v1, s11);
      FloatVector c = broadcast(at + 8);
      s20 = c.fma(v0, s20);
      s21 = c.fma(v1, s21);
      FloatVector e = broadcast(at + 12);
      s30 = e.fma(v0, s30);
      s31 = e.fma(v1, s31);
    }
    FloatVector f = broadcast(factors);
    store(s00.mul(f), out);
    store(s01.mul(f), out + V);
    f = broadcast(factors + 4);
    store(s10.mul(f), out + outRow);
    store(s11.mul(f), out + outRow + V);
    f = broadcast(factors + 8);
    store(s20.mul(f), out + 2 * outRow);
    store(s21.mul(f), out + 2 * outRow + V);
    f = broadcast(factors + 12);
    store(s30.mul(f), out + 3 * outRow);
    store(s31.mul(f), out + 3 * outRow + V);
  }

  static void weighted4x1(
      long p, long width, long v, long vRow, long factors, long out, long outRow, long keys) {
    FloatVector s0 = all(0f);
    FloatVector s1 = all(0f);
    FloatVector s2 = all(0f);
    FloatVector s3 = all(0f);
    for (int j = 0, end = (int) keys; j < end; j++) {
      long at = p + j * width;
      FloatVector v0 = load(v + j * vRow);
      s0 = broadcast(at).fma(v0, s0);
      s1 = broadcast(at + 4).fma(v0, s1);
      s2 = broadcast(at + 8).fma(v0, s2);
      s3 = broadcast(at + 12).fma(v0, s3);
    }
    store(s0.mul(broadcast(factors)), out);
    store(s1.mul(broadcast(factors + 4)), out + outRow);
    store(s2.mul(broadcast(factors + 8)), out + 2 * outRow);
    store(s3.mul(broadcast(factors + 12)), out + 3 * outRow);
  }

  static void weighted1x1(
      long p, long width, long v, long vRow, long factors, long out, long outRow, long keys) {
    FloatVector s = all(0f);
    for (int j = 0, end = (int) keys; j < end; j++) {
      s = broadcast(p + j * width).fma(load(v + j * vRow), s);
    }
    store(s.mul(broadcast(factors)), out);
  }

  @Override
  public void widen(long from, long to, long n) {
    long whole = n - n % LANES;
    WIDENED.run(from, to, whole);
    Mixed.widen(DType.BF16, from + 2 * whole, to + 4 * whole, n - whole);
  }

  static void widened(long from, long to, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(VectorHalves.load(from + 2 * i), to + 4 * i);
    }
  }

  @Override
  public void narrow(long from, long to, long n) {
    long whole = n - n % LANES;
    NARROWED.run(from, to, whole);
    Mixed.narrow(DType.BF16, from + 4 * whole, to + 2 * whole, n - whole);
  }

  static void narrowed(long from, long to, long n) {
    for (long i = 0; i < n; i += LANES) {
      VectorHalves.store(load(from + 4 * i), to + 2 * i);
    }
  }

  private static FloatVector load(long address) {
    return VectorMath.load(address, 0);
  }

  private static void store(FloatVector vector, long address) {
    VectorMath.store(vector, address, 0);
  }

  private static FloatVector broadcast(long address) {
    return all(getFloat(address, 0));
  }
}
