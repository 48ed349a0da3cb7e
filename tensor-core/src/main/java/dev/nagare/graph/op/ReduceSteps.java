package dev.nagare.graph.op;

import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Pointwise;
import dev.nagare.tensor.kernel.Reductions;
import java.util.function.DoubleUnaryOperator;

/** How reductions run; which axes are reduced shows in the shape of y, size 1. */
final class ReduceSteps {
  private ReduceSteps() {}

  static Step prepare(Kernels kernels, Reduce.Kind kind, Tensor x, Tensor y, Memory scratch) {
    if (!Elementwise.isKernel(x.dtype())) {
      return integers(kind, x, y);
    }
    Reductions reductions = kernels.reductions();
    return switch (kind) {
      case SUM -> sum(kernels, 1, x, y);
      case MEAN -> sum(kernels, (double) Math.max(1, y.elements()) / x.elements(), x, y);
      case MAX -> () -> reductions.extreme(true, x, y);
      case MIN -> () -> reductions.extreme(false, x, y);
      case PROD -> ExactLoops.fold(x, y, 1.0, (a, b) -> a * b);
      case L1 -> ofEach(kernels, Kernels.Unary.ABS, x, y, scratch);
      case SUM_SQUARE -> ofEach(kernels, Kernels.Unary.SQUARE, x, y, scratch);
      case L2 ->
          Steps.sequence(
              ofEach(kernels, Kernels.Unary.SQUARE, x, y, scratch),
              Elementwise.unary(kernels, Unary.Function.SQRT, y, y));
      case LOG_SUM ->
          Steps.sequence(
              sum(kernels, 1, x, y), Elementwise.unary(kernels, Unary.Function.LOG, y, y));
      case LOG_SUM_EXP -> logSumExp(kernels, x, y, scratch);
    };
  }

  private static Step sum(Kernels kernels, double factor, Tensor x, Tensor y) {
    Reductions reductions = kernels.reductions();
    return () -> {
      y.zero();
      reductions.addSum(factor, x, y);
    };
  }

  /** The sum of a function of each element. */
  private static Step ofEach(Kernels kernels, Kernels.Unary f, Tensor x, Tensor y, Memory scratch) {
    Tensor values = Layouts.like(x, scratch);
    int[] order = Layouts.order(x);
    Tensor from = x.permute(order);
    Tensor to = values.permute(order);
    return Steps.sequence(() -> kernels.unary(f, from, to), sum(kernels, 1, values, y));
  }

  /** Less the largest element, nothing overflows; which is held finite, so that -∞ stays so. */
  private static Step logSumExp(Kernels kernels, Tensor x, Tensor y, Memory scratch) {
    Tensor max = scratch.empty(x.dtype(), y.shape());
    Tensor logs = scratch.empty(x.dtype(), y.shape());
    int[] order = Layouts.order(x);
    Tensor from = x.permute(order);
    Tensor shift = max.permute(order);
    Tensor powers = scratch.empty(x.dtype(), from.shape());
    Tensor sums = logs.permute(order);
    Reductions reductions = kernels.reductions();
    Pointwise pointwise = kernels.pointwise();
    return () -> {
      reductions.extreme(true, x, max);
      pointwise.clamp(-Float.MAX_VALUE, Float.MAX_VALUE, max, max);
      pointwise.binary(Pointwise.Function.SUB, from, shift, powers);
      kernels.unary(Kernels.Unary.EXP, powers, powers);
      logs.zero();
      reductions.addSum(1, powers, sums);
      pointwise.unary(Pointwise.Single.LOG, logs, logs);
      pointwise.binary(Pointwise.Function.ADD, logs, max, y);
    };
  }

  private static Step integers(Reduce.Kind kind, Tensor x, Tensor y) {
    long count = x.elements() / Math.max(1, y.elements());
    return switch (kind) {
      case SUM -> ExactLoops.foldLong(x, y, 0L, Long::sum);
      case MAX -> ExactLoops.foldLong(x, y, Long.MIN_VALUE, Math::max);
      case MIN -> ExactLoops.foldLong(x, y, Long.MAX_VALUE, Math::min);
      case PROD -> ExactLoops.foldLong(x, y, 1L, (a, b) -> a * b);
      case L1 -> ExactLoops.foldLong(x, y, 0L, (a, b) -> a + Math.abs(b));
      case SUM_SQUARE -> squares(x, y);
      case MEAN ->
          Steps.sequence(
              ExactLoops.foldLong(x, y, 0L, Long::sum),
              ExactLoops.unaryLong(y, y, sum -> sum / count));
      case L2 -> then(squares(x, y), y, Math::sqrt);
      case LOG_SUM -> then(ExactLoops.foldLong(x, y, 0L, Long::sum), y, StrictMath::log);
      case LOG_SUM_EXP -> throw new IllegalStateException("the rule refuses integers");
    };
  }

  private static Step squares(Tensor x, Tensor y) {
    return ExactLoops.foldLong(x, y, 0L, (a, b) -> a + b * b);
  }

  private static Step then(Step first, Tensor y, DoubleUnaryOperator f) {
    return Steps.sequence(first, ExactLoops.unary(y, y, f));
  }
}
