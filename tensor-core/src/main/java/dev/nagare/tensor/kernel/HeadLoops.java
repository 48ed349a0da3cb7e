package dev.nagare.tensor.kernel;

/**
 * The innermost loops of prepared attention: some queries of one head, F32.
 *
 * <p>Arguments are checked already and given as addresses, strides in bytes. The order of
 * operations is part of the contract: a score is one chain of fused multiply-adds in the order of
 * the columns, to which the mask is added; the sum of the exponentials and each element of the
 * result are chains in the order of the keys. So the bits of a query depend on itself, on the keys
 * and on their number, and on no width.
 */
interface HeadLoops {
  /** Below it the exponential of a score less the largest is taken as zero. */
  float LEAST = -87;

  /** How many queries at most. */
  int block();

  /** Bytes of scratch for so many keys. */
  long scratchBytes(long keys, int depth);

  /**
   * {@code out = softmax(scale · q · kᵀ + mask) · v}.
   *
   * @param q {@code [queries, depth]}
   * @param queries from 1 to {@link #block}
   * @param k {@code [keys, depth]}
   * @param v {@code [keys, depth]}
   * @param mask {@code [queries, keys]}; 0 for none
   * @param out {@code [queries, depth]}
   */
  void attend(
      float scale,
      long q,
      long qRow,
      int queries,
      long k,
      long kRow,
      long v,
      long vRow,
      int keys,
      int depth,
      long mask,
      long maskRow,
      long out,
      long outRow,
      long scratch);

  /** BF16 to F32. */
  void widen(long from, long to, long n);

  /** F32 to BF16. */
  void narrow(long from, long to, long n);
}
