package dev.nagare.tensor.kernel;

/**
 * The innermost loops of {@link Kernels}, for one dtype and one style of instructions.
 *
 * <p>Arguments are checked already and given as addresses of their first element; strides are in
 * elements. The order of operations is part of the contract, since it decides the bits: each
 * element of a product is one chain of fused multiply-adds in the order of k, so no result depends
 * on how many lanes the machine has.
 */
interface Loops {

  /** Partial sums of a block: the logical width, whatever the width of the machine. */
  int PARTIALS = 16;

  /** Elements whose sum stays in the tensor's dtype. */
  int BLOCK = 4096;

  /**
   * {@code out[i, j] = fma(a[i, k], b[k, j], …)} for k = 0, 1, …, beginning with what {@code out}
   * holds. Rows of b and out are contiguous; {@code a} has a stride for its rows and its columns.
   */
  void product(
      long a,
      long aRow,
      long aColumn,
      long b,
      long bRow,
      long out,
      long outRow,
      int m,
      int n,
      int k);

  /** {@code out[j, i] = x[i, j]}, both dense. */
  void transpose(long x, long out, int rows, int columns);

  /** Pre-activations of an LSTM step for one row to its gates, in place. */
  void activateGates(long gates, int hidden);

  /**
   * The cell of an LSTM step for one row: {@code c = fma(f, cBefore, i · g)}, {@code h = o ·
   * tanh(c)}.
   *
   * @param gates the activated gates, {@code [4 · hidden]}
   */
  void cell(long gates, long cBefore, long c, long h, int hidden);

  /**
   * The backward of a step for one row: gates to the gradient of the pre-activations in place;
   * {@code dc} holds the gradient that comes from the next step's cell and receives that for the
   * step before.
   */
  void cellBackward(long gates, long cBefore, long c, long dh, long dc, int hidden);

  /** As {@link Kernels#unary}, over n elements. */
  void unary(Kernels.Unary f, long x, long out, long n);

  /** As {@link Kernels#unaryBackward}, over n elements. */
  void unaryBackward(Kernels.Unary f, long x, long y, long dy, long dx, long n);

  /** As {@link Kernels#binary}, over n elements. */
  void binary(Kernels.Binary f, long a, long b, long out, long n);

  /** As {@link Kernels#axpy}, over n elements: one fused multiply-add each. */
  void axpy(double alpha, long x, long y, long n);

  /** As {@link Kernels#scale}, over n elements. */
  void scale(double alpha, long x, long n);

  /** As {@link Kernels#clip}, over n elements. */
  void clip(double limit, long x, long n);

  /**
   * As {@link Kernels#sum}: each block of {@value #BLOCK} elements is summed in {@value #PARTIALS}
   * partials, element i in partial i mod {@value #PARTIALS}, which {@link Tree} adds; blocks are
   * added in f64.
   */
  double sum(long x, long n);

  /** As {@link Kernels#sumOfSquares}, in the order of {@link #sum}. */
  double sumOfSquares(long x, long n);

  /** As {@link Kernels#sgd} without a velocity, over n elements. */
  void sgd(long parameter, long gradient, Kernels.SgdStep step, long n);

  /** As {@link Kernels#sgd} with a velocity, over n elements. */
  void sgd(long parameter, long gradient, long velocity, Kernels.SgdStep step, long n);

  /**
   * As {@link Kernels#adam}, over n elements. Without decay no term is added to the gradient, not
   * even 0 times the parameter.
   */
  void adam(long parameter, long gradient, long m, long v, Kernels.AdamStep step, long n);

  /** Rows of operands in any strides, of the same dtype and style. */
  StridedLoops strided();

  /** Activation functions, of the same dtype and style. */
  ActivationLoops activations();

  /** The loops over one row, of the same dtype and style. */
  RowLoops rows();

  /** The cell of a gated recurrent unit, of the same dtype and style. */
  GruCell gruCell();
}
