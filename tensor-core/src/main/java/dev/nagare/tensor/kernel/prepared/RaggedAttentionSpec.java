package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.TensorException;

/**
 * Attention of sequences that lie one after the other, each attending to itself: {@code y =
 * softmax(scale · q · kᵀ) · v} for each sequence and head.
 *
 * <p>q, k and v are {@code [T, H·D]}, y is {@code [T, H·D]} and contiguous. Sequence i has the rows
 * from {@code offsets[i]} up to {@code offsets[i + 1]}, which are read at each run; one without
 * rows is allowed. Rows that belong to no sequence, those before the first and after the last, are
 * zero in y.
 *
 * @param tokens T
 * @param sequences at most so many; offsets are {@code [sequences + 1]}, and end with as many equal
 *     ones as there are sequences fewer
 * @param heads H
 * @param depth D, columns of a head
 * @param scale factor on a score, usually {@code 1 / √D}
 * @param qRow elements from a row of q to the next
 * @param kRow the same of k
 * @param vRow the same of v
 * @param offsets I32 or I64
 * @param dtype of q, k, v and y
 */
public record RaggedAttentionSpec(
    long tokens,
    long sequences,
    int heads,
    long depth,
    double scale,
    long qRow,
    long kRow,
    long vRow,
    DType offsets,
    DType dtype) {
  /** Checks. */
  public RaggedAttentionSpec {
    Specs.positive("attention", "tokens, sequences, heads, depth", tokens, sequences, heads, depth);
    Specs.computable("attention", dtype, dtype);
    Specs.rows("attention", heads * depth, qRow, kRow, vRow);
    if (offsets != DType.I32 && offsets != DType.I64) {
      throw TensorException.mismatch("attention: expected offsets I32 or I64, got " + offsets);
    }
  }
}
