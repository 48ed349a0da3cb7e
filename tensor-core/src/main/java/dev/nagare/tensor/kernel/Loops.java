package dev.nagare.tensor.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The innermost loops of {@link Kernels}, for one dtype and one style of instructions.
 *
 * <p>Arguments are already checked. A segment is followed by the position of its first element that
 * counts; positions and strides are in elements. Order of operations is part of the contract, since
 * it decides the bits: each element of a product is one chain of fused multiply-adds in the order
 * of k, so no result depends on how many lanes the machine has.
 */
interface Loops {

  /**
   * {@code out[i, j] = fma(a[i, k], b[k, j], …)} for k = 0, 1, …, beginning with what {@code out}
   * holds. Rows of b and out are contiguous; {@code a} has a stride for its rows and its columns.
   */
  void product(
      MemorySegment a,
      long aAt,
      long aRow,
      long aColumn,
      MemorySegment b,
      long bAt,
      long bRow,
      MemorySegment out,
      long outAt,
      long outRow,
      int m,
      int n,
      int k);

  /** {@code out[j, i] = x[i, j]}, both dense. */
  void transpose(MemorySegment x, MemorySegment out, int rows, int columns);

  /** One step of an LSTM for one row: pre-activations to gates in place, then c and h. */
  void activateGates(
      MemorySegment gates,
      long gatesAt,
      MemorySegment cBefore,
      long cBeforeAt,
      MemorySegment c,
      long cAt,
      MemorySegment h,
      long hAt,
      int hidden);

  /**
   * Its backward: gates to the gradient of the pre-activations in place; {@code dc} holds the
   * gradient that comes from the next step's cell and receives that for the step before.
   */
  void differentiateGates(
      MemorySegment gates,
      long gatesAt,
      MemorySegment cBefore,
      long cBeforeAt,
      MemorySegment c,
      long cAt,
      MemorySegment dh,
      long dhAt,
      MemorySegment dc,
      long dcAt,
      int hidden);

  /** As {@link Kernels#unary}, over n elements. */
  void unary(Kernels.Unary f, MemorySegment x, MemorySegment out, long n);

  /** As {@link Kernels#unaryBackward}, over n elements. */
  void unaryBackward(
      Kernels.Unary f,
      MemorySegment x,
      MemorySegment y,
      MemorySegment dy,
      MemorySegment dx,
      long n);

  /** As {@link Kernels#binary}, over n elements. */
  void binary(
      Kernels.Binary f,
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      MemorySegment out,
      long outAt,
      long n);

  /** As {@link Kernels#axpy}, over n elements: one fused multiply-add each. */
  void axpy(double alpha, MemorySegment x, MemorySegment y, long n);

  /** As {@link Kernels#scale}, over n elements. */
  void scale(double alpha, MemorySegment x, long n);

  /**
   * As {@link Kernels#sum}: each block of {@value #BLOCK} elements is summed in {@value #PARTIALS}
   * partials, element i in partial i mod {@value #PARTIALS}, which {@link Tree} adds; blocks are
   * added in f64.
   */
  double sum(MemorySegment x, long n);

  /** As {@link Kernels#sumOfSquares}, in the order of {@link #sum}. */
  double sumOfSquares(MemorySegment x, long n);

  /** As {@link Kernels#adam}, over n elements. */
  void adam(
      MemorySegment parameter,
      MemorySegment gradient,
      MemorySegment m,
      MemorySegment v,
      Kernels.AdamStep step,
      long n);

  /** Partial sums of a block: the logical width, whatever the width of the machine. */
  int PARTIALS = 16;

  /** Elements whose sum stays in the tensor's dtype. */
  int BLOCK = 4096;
}
