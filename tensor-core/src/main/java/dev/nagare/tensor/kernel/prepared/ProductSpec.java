package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import java.util.List;

/**
 * {@code y = post(x · w + bias)}.
 *
 * @param m rows of x {@code [M, K]} and y {@code [M, N]}, which are contiguous
 * @param n columns of y
 * @param k columns of x
 * @param transposed whether the weight comes as {@code [N, K]} instead of {@code [K, N]}
 * @param dtype of x and of the packed weight: F32, or BF16 with sums in f32
 * @param result dtype of y
 * @param bias whether a bias F32 {@code [N]} is added
 * @param post what follows
 */
public record ProductSpec(
    long m,
    long n,
    long k,
    boolean transposed,
    DType dtype,
    DType result,
    boolean bias,
    List<PostOp> post) {
  /** Copies the list. */
  public ProductSpec {
    post = List.copyOf(post);
  }
}
