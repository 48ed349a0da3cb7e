package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;

/**
 * {@code y = e^x / Σ e^x} over each row, or its logarithm.
 *
 * @param rows of x and y {@code [rows, n]}, contiguous
 * @param n what is summed
 * @param log whether the logarithm is wanted
 * @param dtype of x
 * @param result dtype of y
 */
public record SoftmaxSpec(long rows, long n, boolean log, DType dtype, DType result) {
  /** Checks. */
  public SoftmaxSpec {
    Specs.positive("softmax", "rows and columns", rows, n);
    Specs.computable("softmax", dtype, result);
  }
}
