package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = softmax(scale · q · kᵀ + mask) · v} for each sequence and head.
 *
 * <p>q is {@code [B, Tq, H·D]}, k and v are {@code [B, Tk, H·D]}, y is {@code [B, Tq, H·D]} and
 * contiguous: heads lie side by side. A row of q, k and v may be part of a longer one, as in a
 * packed projection; rows follow each other at equal distances, over sequences too. A query that
 * may attend to no key has a result of zero.
 *
 * @param sequences B
 * @param queries Tq
 * @param keys Tk
 * @param heads H
 * @param depth D, columns of a head
 * @param scale factor on a score, usually {@code 1 / √D}
 * @param qRow elements from a row of q to the next
 * @param kRow the same of k
 * @param vRow the same of v
 * @param mask shape of what is added to the scores, F32, contiguous: {@code [B or 1, H or 1, Tq or
 *     1, Tk]}; null for none
 * @param dtype of q, k, v and y
 */
public record AttentionSpec(
    long sequences,
    long queries,
    long keys,
    int heads,
    long depth,
    double scale,
    long qRow,
    long kRow,
    long vRow,
    @Nullable Shape mask,
    DType dtype) {
  /** Checks. */
  public AttentionSpec {
    String op = "attention";
    Specs.positive(
        op, "sequences, queries, keys, heads, depth", sequences, queries, keys, heads, depth);
    Specs.computable(op, dtype, dtype);
    Specs.rows(op, heads * depth, qRow, kRow, vRow);
    if (mask != null
        && !(mask.rank() == 4
            && (mask.dim(0) == 1 || mask.dim(0) == sequences)
            && (mask.dim(1) == 1 || mask.dim(1) == heads)
            && (mask.dim(2) == 1 || mask.dim(2) == queries)
            && mask.dim(3) == keys)) {
      throw TensorException.mismatch(
          "attention: mask "
              + mask
              + " does not fit scores "
              + Shape.of(sequences, heads, queries, keys));
    }
  }
}
