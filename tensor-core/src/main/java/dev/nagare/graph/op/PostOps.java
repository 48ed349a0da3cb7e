package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Pointwise;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What follows a product or a convolution, in a graph: its rule, and steps for where there is no
 * kernel that does it on the way out.
 *
 * <p>Functions of one argument run in place. Those of two cannot, so that each moves the result to
 * another place, and what begins is put where the last one ends in y.
 */
final class PostOps {
  private PostOps() {}

  /** Refuses operands, which begin at an input, that do not broadcast to the result. */
  static void check(
      String op, List<PostOp> post, Fact result, List<@Nullable Fact> inputs, int first) {
    int next = first;
    for (PostOp one : post) {
      if (one instanceof PostOp.Combine) {
        Fact operand = Rules.required(op, inputs, next++);
        Rules.sameDtype(op, result, operand);
        List<Dim> together = Rules.broadcast(op, result, operand);
        if (!together.equals(result.shape())) {
          throw TensorException.mismatch(
              op
                  + ": operand "
                  + operand.shape()
                  + " of "
                  + one
                  + " does not broadcast to "
                  + result.shape());
        }
      }
    }
    if (inputs.size() > next) {
      throw TensorException.mismatch(
          op + ": " + inputs.size() + " inputs, expected at most " + next + " with " + post);
    }
  }

  /** Where what begins goes: y itself, or scratch that lies as y does. */
  static Tensor first(List<PostOp> post, Tensor y, Memory scratch) {
    return combinations(post) == 0 ? y : Layouts.like(y, scratch);
  }

  private static long combinations(List<PostOp> post) {
    return post.stream().filter(PostOp.Combine.class::isInstance).count();
  }

  /** Adds the steps from what {@link #first} answered to y. */
  static void prepare(
      Kernels kernels,
      List<PostOp> post,
      Tensor first,
      List<@Nullable Tensor> inputs,
      int firstOperand,
      Tensor y,
      Memory scratch,
      List<Step> steps) {
    long left = combinations(post);
    int next = firstOperand;
    Tensor at = first;
    for (PostOp one : post) {
      switch (one) {
        case PostOp.Apply apply -> steps.add(apply(kernels, apply, at, scratch));
        case PostOp.Combine combine -> {
          Tensor operand = Steps.input(inputs, next++);
          Tensor to = --left == 0 ? y : Layouts.like(y, scratch);
          Tensor a = combine.operandFirst() ? operand : at;
          Tensor b = combine.operandFirst() ? at : operand;
          steps.add(
              Elementwise.binary(kernels, function(combine.combination()), a, b, to, scratch));
          at = to;
        }
      }
    }
  }

  private static Step apply(Kernels kernels, PostOp.Apply apply, Tensor x, Memory scratch) {
    double alpha = apply.alpha();
    double beta = apply.beta();
    return switch (apply.function()) {
      case RELU -> Elementwise.unary(kernels, Unary.Function.RELU, x, x);
      case SIGMOID -> Elementwise.unary(kernels, Unary.Function.SIGMOID, x, x);
      case TANH -> Elementwise.unary(kernels, Unary.Function.TANH, x, x);
      case SILU -> Elementwise.unary(kernels, Unary.Function.SILU, x, x);
      case GELU -> Elementwise.unary(kernels, Unary.Function.GELU, x, x);
      case GELU_TANH -> Elementwise.unary(kernels, Unary.Function.GELU_TANH, x, x);
      case HARD_SWISH -> Elementwise.unary(kernels, Unary.Function.HARD_SWISH, x, x);
      case LEAKY_RELU -> inPlace(new LeakyRelu(alpha), kernels, x, scratch);
      case ELU -> inPlace(new Elu(alpha), kernels, x, scratch);
      case CLIP -> inPlace(new Clip(alpha, beta), kernels, x, scratch);
      case HARD_SIGMOID -> inPlace(new HardSigmoid(alpha, beta), kernels, x, scratch);
      case LINEAR -> linear(kernels, alpha, beta, x);
    };
  }

  private static Step inPlace(Operator operator, Kernels kernels, Tensor x, Memory scratch) {
    return operator.prepare(kernels, List.of(x), List.of(x), scratch);
  }

  private static Step linear(Kernels kernels, double alpha, double beta, Tensor x) {
    Tensor flat = x.permute(Layouts.order(x));
    Pointwise pointwise = kernels.pointwise();
    return () -> pointwise.linear(alpha, beta, flat, flat);
  }

  private static Binary.Function function(PostOp.Combination combination) {
    return switch (combination) {
      case ADD -> Binary.Function.ADD;
      case SUB -> Binary.Function.SUB;
      case MUL -> Binary.Function.MUL;
      case DIV -> Binary.Function.DIV;
      case MAX -> Binary.Function.MAX;
      case MIN -> Binary.Function.MIN;
    };
  }
}
