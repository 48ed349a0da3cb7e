package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;

/**
 * Elements that are chosen by an index along one axis.
 *
 * <p>Operands may have any strides. {@code index} is I64 and has as many axes as x; along the axes
 * that are not chosen from it may be shorter. Every index is checked, against 0 and the size of the
 * axis, before anything is written.
 */
public interface Indexing {

  /**
   * {@code out[i][j][k] = x[i][index[i][j][k]][k]} for axis 1, and so on.
   *
   * @param x of any dtype
   * @param out of x's dtype and the index's shape
   */
  void gather(Tensor x, int axis, Tensor index, Tensor out);

  /**
   * {@code out[i][index[i][j][k]][k] += x[i][j][k]} for axis 1, and so on, in row-major order:
   * where an index comes twice, both are added.
   *
   * @param x F32 or F64, of the index's shape
   * @param out of x's dtype
   */
  void scatterAdd(Tensor x, int axis, Tensor index, Tensor out);
}
