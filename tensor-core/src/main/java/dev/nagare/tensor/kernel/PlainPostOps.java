package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Post-ops in plain Java, one after the other over F32 numbers. */
final class PlainPostOps {
  private final Loops loops;
  private final PostOp[] post;
  private final @Nullable Operand[] operands;

  PlainPostOps(Loops loops, List<PostOp> post, List<Operand> operands) {
    this.loops = loops;
    this.post = post.toArray(PostOp[]::new);
    this.operands = new Operand[this.post.length];
    Iterator<Operand> next = operands.iterator();
    for (int i = 0; i < this.post.length; i++) {
      if (this.post[i] instanceof PostOp.Combine) {
        this.operands[i] = next.next();
      }
    }
  }

  int count() {
    return post.length;
  }

  /**
   * Applies all of them in place.
   *
   * @param x F32 {@code [n / columns, columns]}
   * @param at operands by index of the post-op
   */
  void apply(long x, long n, long columns, long[] at) {
    for (int i = 0; i < post.length; i++) {
      switch (post[i]) {
        case PostOp.Apply f -> function(f, x, n);
        case PostOp.Combine f -> {
          Operand operand = operands[i];
          if (operand != null) {
            combine(f, operand, at[i], x, n, columns);
          }
        }
      }
    }
  }

  private void function(PostOp.Apply f, long x, long n) {
    ActivationLoops activations = loops.activations();
    switch (f.function()) {
      case RELU -> loops.unary(Kernels.Unary.RELU, x, x, n);
      case LEAKY_RELU -> activations.leakyRelu(f.alpha(), x, x, n);
      case SIGMOID -> loops.unary(Kernels.Unary.SIGMOID, x, x, n);
      case TANH -> loops.unary(Kernels.Unary.TANH, x, x, n);
      case SILU -> activations.forward(Activations.Function.SILU, x, x, n);
      case GELU -> activations.forward(Activations.Function.GELU, x, x, n);
      case GELU_TANH -> activations.forward(Activations.Function.GELU_TANH, x, x, n);
      case HARD_SWISH -> activations.forward(Activations.Function.HARD_SWISH, x, x, n);
      case ELU, CLIP, LINEAR, HARD_SIGMOID -> {
        for (long i = 0; i < n; i++) {
          setFloat(x, i, function(f, getFloat(x, i)));
        }
      }
    }
  }

  private static float function(PostOp.Apply f, float v) {
    float alpha = (float) f.alpha();
    float beta = (float) f.beta();
    return switch (f.function()) {
      case ELU -> v > 0 ? v : alpha * (float) StrictMath.expm1(v);
      case CLIP -> limit(v, alpha, beta);
      case LINEAR -> Math.fma(alpha, v, beta);
      case HARD_SIGMOID -> limit(Math.fma(alpha, v, beta), 0, 1);
      default -> throw new IllegalStateException(f.toString());
    };
  }

  /** What is not a number stays so. */
  private static float limit(float v, float low, float high) {
    return v < low ? low : v > high ? high : v;
  }

  private static void combine(
      PostOp.Combine f, Operand operand, long at, long x, long n, long columns) {
    for (long i = 0, column = 0; i < n; i++, column++) {
      if (column == columns) {
        column = 0;
      }
      long index =
          switch (operand.extent()) {
            case ELEMENT -> i;
            case COLUMN -> column;
            case SINGLE -> 0;
          };
      float element = getFloat(x, i);
      float other = Mixed.get(operand.dtype(), at, index);
      float left = f.operandFirst() ? other : element;
      float right = f.operandFirst() ? element : other;
      setFloat(x, i, combined(f.combination(), left, right));
    }
  }

  private static float combined(PostOp.Combination f, float a, float b) {
    return switch (f) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAX -> a > b ? a : b;
      case MIN -> a < b ? a : b;
    };
  }
}
