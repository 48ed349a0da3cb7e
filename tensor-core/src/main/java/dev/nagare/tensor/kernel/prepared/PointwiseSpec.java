package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import java.util.List;

/**
 * {@code y = post(x)}, element by element; without post-ops, a change of dtype.
 *
 * @param shape of x and y, contiguous; y may be x if the dtypes are one
 * @param dtype of x
 * @param result dtype of y
 * @param post what is done
 * @param operands what the operands of the {@link PostOp.Combine}s among them are, in their order
 */
public record PointwiseSpec(
    Shape shape, DType dtype, DType result, List<PostOp> post, List<Operand> operands) {
  private static final PostOp MUL = new PostOp.Combine(PostOp.Combination.MUL);
  private static final PostOp ADD = new PostOp.Combine(PostOp.Combination.ADD);
  private static final List<PostOp> AFFINE = List.of(MUL, ADD);
  private static final List<PostOp> AFFINE_RELU =
      List.of(MUL, ADD, new PostOp.Apply(PostOp.Function.RELU));

  /** Copies the lists. */
  public PointwiseSpec {
    post = List.copyOf(post);
    operands = List.copyOf(operands);
    Specs.positive("pointwise", "axes", shape.toArray());
    Specs.computable("pointwise", dtype, result);
    Specs.operands("pointwise", post, operands);
  }

  /** Whether it is a product and a sum with an F32 for each column, and perhaps a ReLU. */
  public boolean isAffine() {
    return shape.rank() > 0
        && operands.equals(List.of(Operand.COLUMN, Operand.COLUMN))
        && (post.equals(AFFINE) || post.equals(AFFINE_RELU));
  }
}
