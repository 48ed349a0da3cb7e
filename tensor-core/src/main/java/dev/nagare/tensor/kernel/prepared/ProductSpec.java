package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import java.util.List;

/**
 * {@code y = post(x · w + bias)}.
 *
 * <p>The weight is F32, contiguous. It is packed in the same way for every {@code m}, so kernels
 * that differ in nothing else share a packed weight.
 *
 * @param m rows of x {@code [M, K]} and y {@code [M, N]}, which are contiguous
 * @param n columns of y
 * @param k columns of x
 * @param transposed whether the weight comes as {@code [N, K]} instead of {@code [K, N]}
 * @param dtype of x and of the packed weight: F32, or BF16 with sums in F32
 * @param result dtype of y
 * @param bias whether a bias F32 {@code [N]} is added
 * @param post what follows
 * @param operands what the operands of the {@link PostOp.Combine}s among them are, in their order
 */
public record ProductSpec(
    long m,
    long n,
    long k,
    boolean transposed,
    DType dtype,
    DType result,
    boolean bias,
    List<PostOp> post,
    List<Operand> operands) {
  /** Copies the lists. */
  public ProductSpec {
    post = List.copyOf(post);
    operands = List.copyOf(operands);
    Specs.positive("product", "rows, columns and terms", m, n, k);
    Specs.computable("product", dtype, result);
    Specs.operands("product", post, operands);
  }
}
