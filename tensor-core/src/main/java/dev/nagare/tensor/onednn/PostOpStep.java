package dev.nagare.tensor.onednn;

import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.ArrayList;
import java.util.List;

/**
 * A post-op in oneDNN's words.
 *
 * @param algorithm oneDNN's number of the function
 * @param alpha its first parameter
 * @param beta its second parameter
 * @param operand index of the post-op whose operand it takes; {@value #NONE} for a function of one
 *     argument
 */
record PostOpStep(int algorithm, double alpha, double beta, int operand) {
  static final int NONE = -1;

  private static final int RELU = 32;
  private static final int TANH = 33;
  private static final int ELU = 34;
  private static final int LINEAR = 38;
  private static final int HARD_SIGMOID = 40;
  private static final int LOGISTIC = 41;
  private static final int GELU_TANH = 43;
  private static final int SWISH = 44;
  private static final int CLIP = 47;
  private static final int POWER = 48;
  private static final int GELU_ERF = 49;
  private static final int HARD_SWISH = 52;
  private static final int ADD = 131056;
  private static final int MUL = 131057;
  private static final int MAX = 131058;
  private static final int MIN = 131059;
  private static final int DIV = 131060;
  private static final int SUB = 131061;

  /** oneDNN takes the operand of a difference or quotient on the right only. */
  static List<PostOpStep> of(List<PostOp> post) {
    List<PostOpStep> steps = new ArrayList<>();
    for (int i = 0; i < post.size(); i++) {
      switch (post.get(i)) {
        case PostOp.Apply apply -> steps.add(function(apply));
        case PostOp.Combine(PostOp.Combination f, boolean first) -> {
          boolean turned = first && (f == PostOp.Combination.SUB || f == PostOp.Combination.DIV);
          if (turned) {
            boolean difference = f == PostOp.Combination.SUB;
            steps.add(
                difference
                    ? new PostOpStep(LINEAR, -1, 0, NONE)
                    : new PostOpStep(POWER, 1, -1, NONE));
            steps.add(new PostOpStep(difference ? ADD : MUL, 0, 0, i));
          } else {
            steps.add(new PostOpStep(algorithm(f), 0, 0, i));
          }
        }
      }
    }
    return steps;
  }

  private static PostOpStep function(PostOp.Apply f) {
    return switch (f.function()) {
      case RELU -> new PostOpStep(RELU, 0, 0, NONE);
      case LEAKY_RELU -> new PostOpStep(RELU, f.alpha(), 0, NONE);
      case ELU -> new PostOpStep(ELU, f.alpha(), 0, NONE);
      case CLIP -> new PostOpStep(CLIP, f.alpha(), f.beta(), NONE);
      case LINEAR -> new PostOpStep(LINEAR, f.alpha(), f.beta(), NONE);
      case SIGMOID -> new PostOpStep(LOGISTIC, 0, 0, NONE);
      case TANH -> new PostOpStep(TANH, 0, 0, NONE);
      case SILU -> new PostOpStep(SWISH, 1, 0, NONE);
      case GELU -> new PostOpStep(GELU_ERF, 0, 0, NONE);
      case GELU_TANH -> new PostOpStep(GELU_TANH, 0, 0, NONE);
      case HARD_SIGMOID -> new PostOpStep(HARD_SIGMOID, f.alpha(), f.beta(), NONE);
      case HARD_SWISH -> new PostOpStep(HARD_SWISH, 1 / 6.0, 0.5, NONE);
    };
  }

  private static int algorithm(PostOp.Combination f) {
    return switch (f) {
      case ADD -> ADD;
      case SUB -> SUB;
      case MUL -> MUL;
      case DIV -> DIV;
      case MAX -> MAX;
      case MIN -> MIN;
    };
  }
}
