package dev.nagare.tensor.onednn;

import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Attributes of a primitive with post-ops, and the arguments that these need. */
final class PostOpChain {
  private static final int POST_OP = 32768;
  private static final int SECOND = 2;

  /** How an operand lies over a result. */
  interface Layouts {
    /** A new descriptor. */
    long of(Operand operand);
  }

  /** To be given to a primitive. */
  final long attributes = OneDnn.attributes(false);

  private final List<OneDnnArgument> arguments = new ArrayList<>();

  /**
   * @param steps all of the post-ops
   * @param done how many of the steps the primitive itself does
   */
  PostOpChain(
      List<PostOp> post,
      List<Operand> operands,
      List<PostOpStep> steps,
      int done,
      Layouts layouts) {
    long chain = OneDnn.postOps();
    Operand[] byPostOp = byPostOp(post, operands);
    for (int i = done; i < steps.size(); i++) {
      PostOpStep step = steps.get(i);
      if (step.operand() == PostOpStep.NONE) {
        OneDnn.appendFunction(chain, step.algorithm(), step.alpha(), step.beta());
      } else {
        Operand operand = byPostOp[step.operand()];
        long layout = layouts.of(operand);
        OneDnn.appendCombination(chain, step.algorithm(), layout);
        int kind = POST_OP * (i - done + 1) | SECOND;
        arguments.add(OneDnnArgument.operand(kind, layout, step.operand(), operand.extent()));
      }
    }
    OneDnn.setPostOps(attributes, chain);
  }

  /** The operands of post-ops by index of the post-op. */
  static Operand[] byPostOp(List<PostOp> post, List<Operand> operands) {
    Operand[] result = new Operand[post.size()];
    Iterator<Operand> next = operands.iterator();
    for (int i = 0; i < result.length; i++) {
      if (post.get(i) instanceof PostOp.Combine) {
        result[i] = next.next();
      }
    }
    return result;
  }

  /** What the primitive is given besides its own arguments; the chain destroys the layouts. */
  List<OneDnnArgument> arguments() {
    return arguments;
  }

  void destroy() {
    OneDnn.destroyAttributes(attributes);
    for (OneDnnArgument argument : arguments) {
      OneDnn.destroyDescriptor(argument.layout());
    }
  }
}
