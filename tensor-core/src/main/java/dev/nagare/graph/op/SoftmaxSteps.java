package dev.nagare.graph.op;

import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Pointwise;
import dev.nagare.tensor.kernel.Reductions;
import dev.nagare.tensor.kernel.Softmax;

/** Softmax and its logarithm along any axis of contiguous tensors. */
final class SoftmaxSteps {
  private SoftmaxSteps() {}

  static Step softmax(Kernels kernels, Tensor x, int axis, Tensor y, Memory scratch) {
    if (isLast(x, axis)) {
      Softmax softmax = kernels.softmax();
      return () -> softmax.forward(x, y);
    }
    Along along = new Along(kernels, x, axis, scratch);
    Pointwise pointwise = kernels.pointwise();
    return () -> {
      along.powers();
      pointwise.binary(Pointwise.Function.DIV, along.powers, along.sum, y);
    };
  }

  static Step logSoftmax(Kernels kernels, Tensor x, int axis, Tensor y, Memory scratch) {
    if (isLast(x, axis)) {
      Softmax softmax = kernels.softmax();
      return () -> softmax.logForward(x, y);
    }
    Along along = new Along(kernels, x, axis, scratch);
    Pointwise pointwise = kernels.pointwise();
    return () -> {
      along.powers();
      pointwise.unary(Pointwise.Single.LOG, along.sum, along.sum);
      pointwise.binary(Pointwise.Function.SUB, along.shifted, along.sum, y);
    };
  }

  private static boolean isLast(Tensor x, int axis) {
    return axis == x.shape().rank() - 1;
  }

  /** {@code e^(x - max)} and its sum along an axis that is not the last. */
  private static final class Along {
    private final Kernels kernels;
    private final Tensor x;
    private final Tensor max;
    final Tensor sum;
    final Tensor shifted;
    final Tensor powers;

    Along(Kernels kernels, Tensor x, int axis, Memory scratch) {
      this.kernels = kernels;
      this.x = x;
      long[] kept = x.shape().toArray();
      kept[axis] = 1;
      max = scratch.empty(x.dtype(), Shape.of(kept));
      sum = scratch.empty(x.dtype(), Shape.of(kept));
      shifted = scratch.empty(x.dtype(), x.shape());
      powers = scratch.empty(x.dtype(), x.shape());
    }

    void powers() {
      Reductions reductions = kernels.reductions();
      reductions.extreme(true, x, max);
      kernels.pointwise().binary(Pointwise.Function.SUB, x, max, shifted);
      kernels.unary(Kernels.Unary.EXP, shifted, powers);
      sum.zero();
      reductions.addSum(1, powers, sum);
    }
  }
}
