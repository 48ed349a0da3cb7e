package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

import dev.nagare.tensor.DType;

/** {@link HeadLoops} one query and one element at a time. */
final class ScalarHeads implements HeadLoops {

  @Override
  public int block() {
    return 1;
  }

  @Override
  public long scratchBytes(long keys, int depth) {
    return 4 * keys;
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
    for (int i = 0; i < queries; i++) {
      float largest = Float.NEGATIVE_INFINITY;
      for (int j = 0; j < keys; j++) {
        float score = 0;
        for (int d = 0; d < depth; d++) {
          float scaled = scale * getFloat(q + i * qRow, d);
          score = Math.fma(getFloat(k + j * kRow, d), scaled, score);
        }
        if (mask != 0) {
          score += getFloat(mask + i * maskRow, j);
        }
        setFloat(scratch, j, score);
        largest = score > largest ? score : largest;
      }
      largest = largest == Float.NEGATIVE_INFINITY ? 0 : largest;
      float sum = 0;
      for (int j = 0; j < keys; j++) {
        float power = power(getFloat(scratch, j) - largest);
        setFloat(scratch, j, power);
        sum = sum + power;
      }
      float factor = sum == 0 ? 0 : 1 / sum;
      for (int d = 0; d < depth; d++) {
        float result = weighted(scratch, 4, v + 4L * d, vRow, keys);
        setFloat(out + i * outRow, d, result * factor);
      }
    }
  }

  /** {@code Σ p[j] · v[j]}. */
  static float weighted(long p, long pNext, long v, long vRow, int keys) {
    float result = 0;
    for (int j = 0; j < keys; j++) {
      result = Math.fma(getFloat(p + j * pNext, 0), getFloat(v + j * vRow, 0), result);
    }
    return result;
  }

  /** e^x for x up to 0. */
  private static float power(float x) {
    float y = x < LEAST ? LEAST : x;
    float rounded = Math.fma(y, MathF32.LOG2_E, MathF32.ROUND);
    float power = MathF32.powerOfTwo(Float.floatToRawIntBits(rounded));
    float result = Math.fma(power, MathF32.fraction(y, rounded - MathF32.ROUND), power);
    return x < LEAST ? 0 : result;
  }

  @Override
  public void widen(long from, long to, long n) {
    Mixed.widen(DType.BF16, from, to, n);
  }

  @Override
  public void narrow(long from, long to, long n) {
    Mixed.narrow(DType.BF16, from, to, n);
  }
}
