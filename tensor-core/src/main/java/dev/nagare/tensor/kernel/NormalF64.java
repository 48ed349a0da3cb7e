package dev.nagare.tensor.kernel;

/**
 * The standard normal distribution in f64, by its series and, in the tails, by its continued
 * fraction, both as in Abramowitz and Stegun (26.2.11, 26.2.14): slow, and the reference for {@link
 * NormalF32}. Relative error below 1e-13 on both sides.
 */
final class NormalF64 {
  private static final double TAIL = 2.5;

  /** Levels of the fraction: what is left out at {@value #TAIL} is below 1e-20 of the result. */
  private static final int LEVELS = 60;

  private NormalF64() {}

  /** {@code e^(-x²/2) / √(2π)}. */
  static double density(double x) {
    return StrictMath.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  }

  /** Φ(x): the share below x. */
  static double share(double x) {
    double a = Math.abs(x);
    if (a > TAIL) {
      double tail = tail(a);
      return x < 0 ? tail : 1 - tail;
    }
    return Math.fma(density(x), series(x), 0.5);
  }

  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int odd = 3; sum + term != sum; odd += 2) {
      term *= x * x / odd;
      sum += term;
    }
    return sum;
  }

  /** {@code 2/√π · ∫₀ˣ e^-t² dt}. */
  static double erf(double x) {
    double z = Math.sqrt(2) * x;
    double a = Math.abs(z);
    if (a > TAIL) {
      return Math.copySign(1 - 2 * tail(a), x);
    }
    return 2 * density(z) * series(z);
  }

  /** The derivative of {@link #erf}. */
  static double erfSlope(double x) {
    return 2 / Math.sqrt(Math.PI) * StrictMath.exp(-x * x);
  }

  private static double tail(double a) {
    double fraction = a;
    for (int i = LEVELS; i > 0; i--) {
      fraction = a + i / fraction;
    }
    return density(a) / fraction;
  }
}
