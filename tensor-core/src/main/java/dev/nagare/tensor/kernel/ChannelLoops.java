package dev.nagare.tensor.kernel;

/**
 * The innermost loops of prepared kernels that do the same with each channel of every pixel, of F32
 * or BF16.
 *
 * <p>Arguments are checked already and given as addresses. The order of operations is part of the
 * contract: a product, rounded to F32, then a sum, rounded to F32.
 */
interface ChannelLoops {

  /**
   * {@code y = max(x · factor + term, least)}; what is not a number stays so.
   *
   * @param halvesIn whether x is BF16
   * @param halvesOut whether y is BF16
   * @param least negative infinity for no bound
   * @param x {@code [rows, columns]}
   * @param factors F32 {@code [columns]}
   * @param terms F32 {@code [columns]}
   * @param y as x; may be x if both have one dtype
   */
  void affine(
      boolean halvesIn,
      boolean halvesOut,
      float least,
      long x,
      long factors,
      long terms,
      long y,
      long rows,
      long columns);

  /**
   * Copies so many bytes, an even number, of each row.
   *
   * @param xRow bytes from one row of x to the next
   * @param yRow the same of y
   */
  void copy(long x, long xRow, long y, long yRow, long rows, long bytes);
}
