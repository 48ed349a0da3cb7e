package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Post-ops by their definition, in f64. */
final class PlainPost {
  private PlainPost() {}

  /** Applies all of them to element i of a result with so many columns. */
  static double of(
      List<PostOp> post, List<@Nullable Tensor> operands, double x, int i, int columns) {
    double v = x;
    for (int p = 0; p < post.size(); p++) {
      v =
          switch (post.get(p)) {
            case PostOp.Apply f -> function(f, v);
            case PostOp.Combine f -> {
              double other = element(java.util.Objects.requireNonNull(operands.get(p)), i, columns);
              yield f.operandFirst()
                  ? combined(f.combination(), other, v)
                  : combined(f.combination(), v, other);
            }
          };
    }
    return v;
  }

  private static double element(Tensor operand, int i, int columns) {
    long n = operand.elements();
    return operand.get(n == 1 ? 0 : n == columns ? i % columns : i);
  }

  private static double combined(PostOp.Combination f, double a, double b) {
    return switch (f) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
    };
  }

  private static double function(PostOp.Apply f, double x) {
    double a = f.alpha();
    double b = f.beta();
    return switch (f.function()) {
      case RELU -> Math.max(x, 0);
      case LEAKY_RELU -> x > 0 ? x : a * x;
      case ELU -> x > 0 ? x : a * StrictMath.expm1(x);
      case CLIP -> Math.min(Math.max(x, a), b);
      case LINEAR -> a * x + b;
      case SIGMOID -> sigmoid(x);
      case TANH -> StrictMath.tanh(x);
      case SILU -> x * sigmoid(x);
      case GELU -> x * normal(x);
      case GELU_TANH ->
          x * (1 + StrictMath.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2;
      case HARD_SIGMOID -> Math.min(Math.max(a * x + b, 0), 1);
      case HARD_SWISH -> x * Math.min(Math.max(x / 6 + 0.5, 0), 1);
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  /** Φ(x) by Simpson's rule, which is exact enough for |x| below 40. */
  private static double normal(double x) {
    int steps = 2000;
    double h = x / steps;
    double sum = 0;
    for (int i = 0; i <= steps; i++) {
      double t = i * h;
      sum += (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2) * StrictMath.exp(-t * t / 2);
    }
    return 0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
  }
}
