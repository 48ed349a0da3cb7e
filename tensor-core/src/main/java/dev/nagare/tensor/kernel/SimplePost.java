package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.List;

/** Post-ops of a residual network: a sum with an operand of the result's shape, then ReLU. */
final class SimplePost {
  private static final PostOp ADD = new PostOp.Combine(PostOp.Combination.ADD);
  private static final PostOp RELU = new PostOp.Apply(PostOp.Function.RELU);

  /** Which post-op has the operand; -1 for none. */
  final int operand;

  /** Nothing is less than it: 0, or negative infinity. */
  final float least;

  SimplePost(List<PostOp> post) {
    operand = !post.isEmpty() && post.getFirst() instanceof PostOp.Combine ? 0 : -1;
    least = !post.isEmpty() && post.getLast().equals(RELU) ? 0 : Float.NEGATIVE_INFINITY;
  }

  /** Whether a list is nothing else: none, either or both. */
  static boolean is(List<PostOp> post, List<Operand> operands) {
    boolean added =
        operands.isEmpty()
            || (operands.size() == 1
                && operands.getFirst().equals(new Operand(Operand.Extent.ELEMENT, DType.F32)));
    return added
        && (post.isEmpty()
            || post.equals(List.of(ADD))
            || post.equals(List.of(RELU))
            || post.equals(List.of(ADD, RELU)));
  }
}
