package dev.nagare.tensor.kernel;

/**
 * Exponential, logistic function and hyperbolic tangent in f32, as polynomials of our own.
 *
 * <p>Only operations that IEEE 754 rounds in one way are used, so the bits are the same in the
 * interpreter, in compiled code and in {@link VectorMath}, which does the same in the same order.
 * Measured over the whole range against {@link Math} (see {@code MathF32Test}): {@link #exp} within
 * 2 ulp, {@link #sigmoid} within 3 ulp above -87, {@link #tanh} within 3 ulp.
 */
final class MathF32 {
  static final float LOG2_E = 0x1.715476p0f;
  static final float LN2_HIGH = 0x1.62e43p-1f;
  static final float LN2_LOW = -0x1.05c61p-29f;

  /** Adding it rounds to an integer, which then stands in the low bits. */
  static final float ROUND = 0x1.8p23f;

  // (e^r - 1 - r) / r² on |r| <= ln 2 / 2, Chebyshev fit, error 6.5e-8.
  static final float C2 = 0.5f;
  static final float C3 = 0x1.5554dcp-3f;
  static final float C4 = 0x1.55551ap-5f;
  static final float C5 = 0x1.120b7ep-7f;
  static final float C6 = 0x1.6d1118p-10f;

  static final float EXP_MAX = 89;
  static final float EXP_MIN = -104;
  static final float SIGMOID_MAX = 87;
  static final float TANH_MAX = 20;
  static final int ONE = 0x3f800000;
  static final int SIGN = 0x80000000;

  private MathF32() {}

  /** e^x; infinite above 88.73, gradual underflow to 0 below -103.97. */
  static float exp(float x) {
    float y = x > EXP_MAX ? EXP_MAX : x;
    y = y < EXP_MIN ? EXP_MIN : y;
    float rounded = Math.fma(y, LOG2_E, ROUND);
    float power = fraction(y, rounded - ROUND) + 1;
    // 2^n in two factors: n reaches beyond the exponents of normal numbers.
    int n = Float.floatToRawIntBits(rounded) - Float.floatToRawIntBits(ROUND);
    int half = n >> 1;
    return power * powerOfTwo(half) * powerOfTwo(n - half);
  }

  /** 1 / (1 + e^-x); 1.6e-38 for all x below -87, where it should go on to fall. */
  static float sigmoid(float x) {
    float y = 0f - x;
    y = y > SIGMOID_MAX ? SIGMOID_MAX : y;
    y = y < -SIGMOID_MAX ? -SIGMOID_MAX : y;
    float rounded = Math.fma(y, LOG2_E, ROUND);
    float power = powerOfTwo(Float.floatToRawIntBits(rounded));
    return 1f / (Math.fma(power, fraction(y, rounded - ROUND), power) + 1f);
  }

  /** (e^2|x| - 1) / (e^2|x| + 1) with the sign of x. */
  static float tanh(float x) {
    int bits = Float.floatToRawIntBits(x);
    float y = 2f * Float.intBitsToFloat(bits & ~SIGN);
    y = y > TANH_MAX ? TANH_MAX : y;
    float rounded = Math.fma(y, LOG2_E, ROUND);
    float power = powerOfTwo(Float.floatToRawIntBits(rounded));
    float lessOne = Math.fma(power, fraction(y, rounded - ROUND), power - 1f);
    float result = lessOne / (lessOne + 2f);
    return Float.intBitsToFloat(Float.floatToRawIntBits(result) | (bits & SIGN));
  }

  /**
   * a^b with the special cases of {@link StrictMath#pow}, which leaves arrays on the heap: e^(b ·
   * ln |a|) in f64, whose error is below 2^-44 of the result, then rounded; within 0.50001 ulp.
   */
  static float pow(float a, float b) {
    if (b == 0) {
      return 1;
    }
    double power = StrictMath.exp(b * StrictMath.log(Math.abs(a)));
    boolean negative = Float.floatToRawIntBits(a) < 0;
    if (!negative || Float.isNaN(a) || Float.isNaN(b)) {
      return (float) power;
    }
    boolean whole = b == (float) (long) b || Math.abs(b) >= 0x1p24f;
    if (whole) {
      boolean odd = Math.abs(b) < 0x1p24f && ((long) b & 1) != 0;
      return (float) (odd ? -power : power);
    }
    return a == 0 || Float.isInfinite(a) ? (float) power : Float.NaN;
  }

  /** e^r - 1 for r = y - n · ln 2. */
  static float fraction(float y, float n) {
    float r = Math.fma(n, -LN2_HIGH, y);
    r = Math.fma(n, -LN2_LOW, r);
    float p = Math.fma(C6, r, C5);
    p = Math.fma(p, r, C4);
    p = Math.fma(p, r, C3);
    p = Math.fma(p, r, C2);
    return Math.fma(p, r * r, r);
  }

  /** 2^n; bits of n beyond the lowest nine do not count, so the sum with ROUND may be given. */
  static float powerOfTwo(int n) {
    return Float.intBitsToFloat((n << 23) + ONE);
  }
}
