package dev.nagare.tensor.kernel;

/**
 * The innermost loops of {@link Normalization} and {@link Pooling}, over rows of channels, for one
 * dtype and one style of instructions.
 *
 * <p>Arguments are checked already and given as addresses. Vectors lie along the channels, so no
 * result depends on how many lanes the machine has. A sum over rows has {@value #PARTIALS}
 * partials, row i in partial i mod {@value #PARTIALS}, added as (0 + 2) + (1 + 3).
 */
interface ImageLoops {

  /** Partial sums of a channel. */
  int PARTIALS = 4;

  /** The loops that the others of {@link Loops} belong to. */
  Loops elements();

  /** Size of an element. */
  int bytes();

  /** An element, widened. */
  double get(long address, long index);

  /** Writes an element, rounded. */
  void set(long address, long index, double value);

  /** {@code out[c] = Σ x[i, c]}. */
  void sums(long x, long out, long rows, long channels);

  /** {@code out[c] = Σ (x[i, c] - mean[c])²}. */
  void deviations(long x, long mean, long out, long rows, long channels);

  /**
   * {@code y = (x - mean) · scale + shift}, the last two one operation.
   *
   * @param table {@code [3, channels]}: mean, scale, shift
   */
  void normalize(long x, long table, long y, long rows, long channels);

  /** {@code out[0, c] = Σ dy[i, c]} and {@code out[1, c] = Σ dy[i, c] · (x[i, c] - mean[c])}. */
  void gradientSums(long x, long dy, long mean, long out, long rows, long channels);

  /**
   * {@code dx = scale · (dy - offset - (x - mean) · slope)}, or added to dx.
   *
   * @param table {@code [4, channels]}: mean, scale, offset, slope
   */
  void gradient(long x, long dy, long table, long dx, boolean add, long rows, long channels);

  /** {@code y = x where x > y or x is not a number}, over n elements. */
  void maximum(long x, long y, long n);

  /**
   * Where x is y, the maximum, or is not a number, {@code dx += left} and {@code left = 0}, over n
   * elements: called for all that a window sees, the first of the largest gets the gradient.
   */
  void maximumGradient(long x, long y, long left, long dx, long n);
}
