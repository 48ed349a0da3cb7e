package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;

/**
 * Sums and extremes over axes, of operands in any strides.
 *
 * <p>What an axis is reduced to shows in the shape of the result: it broadcasts to the shape of x,
 * so a reduced axis has size 1 there, or is missing in front. Dtypes: F32 and F64, all the same.
 * The order of operations depends on shapes and strides alone: along the innermost axis partial
 * sums in one fixed tree, rows in their order.
 */
public interface Reductions {

  /** {@code y += alpha · Σ x}, over the axes that y repeats; y may have any strides. */
  void addSum(double alpha, Tensor x, Tensor y);

  /**
   * The largest, or smallest, elements over the axes that {@code out} repeats; what is not a number
   * wins.
   */
  void extreme(boolean max, Tensor x, Tensor out);

  /**
   * The first position of the largest, or smallest, element along an axis; what is not a number
   * wins.
   *
   * @param out I64, contiguous, of x's shape with size 1 along the axis, which is not empty in x
   */
  void argExtreme(boolean max, Tensor x, int axis, Tensor out);
}
