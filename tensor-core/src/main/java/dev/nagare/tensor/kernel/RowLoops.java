package dev.nagare.tensor.kernel;

/**
 * The innermost loops over one row of {@link Softmax}, {@link LayerNorm} and {@link Attention}, for
 * one dtype and one style of instructions.
 *
 * <p>Arguments are checked already and given as addresses. A row's sum is taken in {@link
 * Loops#PARTIALS} partials, element i in partial i mod {@value Loops#PARTIALS}, which {@link Tree}
 * adds, so that no result depends on the width of the machine. Numbers are rounded to the dtype
 * before they are used.
 */
interface RowLoops {

  /** The largest element, -∞ for none; what is not a number does not count. */
  double max(long x, long n);

  /** {@code x = factor · x}; the largest of the results. */
  double scaleMax(double factor, long x, long n);

  /** {@code x = fma(factor, x, mask)}; the largest of the results. */
  double scaleMaskMax(double factor, long x, long mask, long n);

  /** {@code out = e^(x - shift)}; the sum of the results. {@code out} may be {@code x}. */
  double expSum(double shift, long x, long out, long n);

  /** {@code out = x - shift}. */
  void subtract(double shift, long x, long out, long n);

  /** {@code x *= factor}. */
  void scale(double factor, long x, long n);

  /** {@code Σ x}. */
  double sum(long x, long n);

  /** {@code Σ a · b}, each a fused multiply-add into its partial. */
  double dot(long a, long b, long n);

  /** {@code Σ (a · b) · c}, each a fused multiply-add into its partial. */
  double dot(long a, long b, long c, long n);

  /** {@code Σ (x - mean)²}, each a fused multiply-add into its partial. */
  double squaredDistances(double mean, long x, long n);

  /** {@code y = fma(a, b, y)}. */
  void addProducts(long a, long b, long y, long n);

  /** {@code dx = fma(y, dy - dot, dx)}. */
  void addSoftmaxSlopes(double dot, long y, long dy, long dx, long n);

  /** {@code x = factor · (y · (x - dot))}. */
  void softmaxSlopes(double factor, double dot, long y, long x, long n);

  /** {@code dx += fma(-sum, e^y, dy)}. */
  void addLogSoftmaxSlopes(double sum, long y, long dy, long dx, long n);

  /** {@code normal = (x - mean) · rstd}, {@code out = fma(normal, gamma, beta)}. */
  void normalize(
      double mean, double rstd, long x, long gamma, long beta, long normal, long out, long n);

  /** {@code dx = fma(rstd, dy · gamma - first - second · normal, dx)}, the last one fused too. */
  void addNormSlopes(
      double rstd, double first, double second, long normal, long gamma, long dy, long dx, long n);
}
