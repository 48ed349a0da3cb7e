package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;

/**
 * {@code y = (x - mean) / √(variance + ε) · scale + shift} over each row.
 *
 * @param rows of x and y {@code [rows, n]}, contiguous
 * @param n what is normalised
 * @param epsilon ε
 * @param scale whether there is a scale F32 {@code [n]}
 * @param shift whether there is a shift F32 {@code [n]}
 * @param dtype of x
 * @param result dtype of y
 */
public record LayerNormSpec(
    long rows, long n, double epsilon, boolean scale, boolean shift, DType dtype, DType result) {
  /** Checks. */
  public LayerNormSpec {
    Specs.positive("layerNorm", "rows and columns", rows, n);
    Specs.computable("layerNorm", dtype, result);
  }
}
