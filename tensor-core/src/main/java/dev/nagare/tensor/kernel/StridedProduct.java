package dev.nagare.tensor.kernel;

/**
 * Products of F32 matrices in memory that need not be dense, as many as there are heads at once.
 *
 * <p>Addresses are of checked arguments; strides are in elements, {@code rows} from row to row and
 * {@code next} from matrix to matrix. Bits may depend on the form, never on where the matrices lie.
 */
public interface StridedProduct {

  /**
   * {@code out = op(a) · op(b)}, or {@code out += op(a) · op(b)} when the form accumulates, for
   * each matrix.
   */
  void run(Form form, long a, long b, long out);

  /**
   * Sizes and strides; a column stride is 1, but for a transposed operand the row stride is.
   *
   * @param count how many matrices
   * @param m rows of out
   * @param n columns of out
   * @param k terms of a sum
   * @param transposeA whether memory holds {@code [K, M]}
   * @param aNext from matrix to matrix of a
   * @param aRow from row to row of what memory holds of a
   * @param transposeB whether memory holds {@code [N, K]}
   * @param bNext from matrix to matrix of b
   * @param bRow from row to row of what memory holds of b
   * @param outNext from matrix to matrix of out
   * @param outRow from row to row of out
   * @param accumulate whether the result is added
   */
  record Form(
      int count,
      int m,
      int n,
      int k,
      boolean transposeA,
      long aNext,
      long aRow,
      boolean transposeB,
      long bNext,
      long bRow,
      long outNext,
      long outRow,
      boolean accumulate) {}
}
