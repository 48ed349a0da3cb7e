package dev.nagare.tensor.kernel;

/**
 * The standard normal distribution in f32, with the operations of {@link MathF32}, which {@link
 * VectorNormal} does in the same order.
 *
 * <p>The share beyond a is {@code e^(-a²/2) · t · P(1 - 2kt)} with {@code t = 1 / (a + k)}: the
 * tail keeps its relative accuracy, where {@code 1 + erf} would lose it, and the exponential is
 * what the derivative needs. Since {@code erf(z) = 1 - 2 · tail(z·√2)}, this is our error function
 * too. Measured over all floats (see {@code NormalF32Test}): {@link #share} within 5 ulp down to
 * -12.9, where it is a normal number; below it fades to 0.
 */
final class NormalF32 {
  /** Beyond it the exponential is 0 in f32. */
  static final float MAX = 15;

  static final float K = 2.5f;

  // e^(a²/2) · tail(a) · (a + k) over q = (a - k) / (a + k), a <= 14.5: relative error 6.4e-8.
  static final float P0 = 0x1.69cee6p-1f;
  static final float P1 = -0x1.bc19c2p-2f;
  static final float P2 = 0x1.0e4f2ep-3f;
  static final float P3 = 0x1.2ea478p-7f;
  static final float P4 = -0x1.0c77f4p-6f;
  static final float P5 = -0x1.a3aeaep-10f;
  static final float P6 = 0x1.4abbcap-9f;
  static final float P7 = 0x1.66cb24p-11f;
  static final float P8 = -0x1.45f70ap-12f;
  static final float P9 = -0x1.49cfc6p-13f;

  /** 1 / √(2π). */
  static final float DENSITY = 0x1.988454p-2f;

  static final float ROOT_2 = 0x1.6a09e6p0f;

  /** Below it seven terms of the error function's series, 2/√π · (-1)ⁿ/(n!·(2n+1)), suffice. */
  static final float NEAR = 0.5f;

  static final float E1 = (float) 1.1283791670955126;
  static final float E3 = (float) -0.37612638903183754;
  static final float E5 = (float) 0.11283791670955126;
  static final float E7 = (float) -0.026866170645131252;
  static final float E9 = (float) 0.005223977625442187;
  static final float E11 = (float) -8.548326641632670e-4;
  static final float E13 = (float) 1.2055332981789664e-4;

  private NormalF32() {}

  /** {@code e^(-x²/2)}. */
  static float bell(float x) {
    float a = size(x);
    float square = a * a;
    float rest = Math.fma(a, a, -square); // what rounding the square lost, which counts in e^
    float bell = MathF32.exp(-0.5f * square);
    return Math.fma(bell, -0.5f * rest, bell);
  }

  /**
   * Φ(x): the share below x.
   *
   * @param bell of x
   */
  static float share(float x, float bell) {
    float t = 1f / (size(x) + K);
    float q = Math.fma(-2 * K, t, 1f);
    float p = Math.fma(P9, q, P8);
    p = Math.fma(p, q, P7);
    p = Math.fma(p, q, P6);
    p = Math.fma(p, q, P5);
    p = Math.fma(p, q, P4);
    p = Math.fma(p, q, P3);
    p = Math.fma(p, q, P2);
    p = Math.fma(p, q, P1);
    p = Math.fma(p, q, P0);
    float tail = bell * (t * p);
    return x < 0f ? tail : 1f - tail;
  }

  /** {@code 2/√π · ∫₀ˣ e^-t² dt}: by its series near 0, where the share would lose digits. */
  static float erf(float x) {
    float a = Math.abs(x);
    if (a < NEAR) {
      float square = x * x;
      float p = Math.fma(E13, square, E11);
      p = Math.fma(p, square, E9);
      p = Math.fma(p, square, E7);
      p = Math.fma(p, square, E5);
      p = Math.fma(p, square, E3);
      p = Math.fma(p, square, E1);
      return x * p;
    }
    float z = ROOT_2 * a;
    float inside = Math.fma(2f, share(z, bell(z)), -1f);
    return x < 0f ? -inside : inside;
  }

  /** The derivative of {@link #erf}, {@code 2/√π · e^-x²}. */
  static float erfSlope(float x) {
    return E1 * bell(ROOT_2 * x);
  }

  private static float size(float x) {
    float a = Math.abs(x);
    return a > MAX ? MAX : a;
  }
}
