package dev.nagare.graph.op;

import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.StridedCopy;
import dev.nagare.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Steps that others are made of. */
final class Steps {
  private Steps() {}

  /** An input that is there, as the shape rule has seen. */
  static Tensor input(List<@Nullable Tensor> inputs, int index) {
    return Objects.requireNonNull(inputs.get(index));
  }

  /** An input, or null where it is absent. */
  static @Nullable Tensor optional(List<@Nullable Tensor> inputs, int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  /** One after the other. */
  static Step sequence(Step... steps) {
    Step[] all = steps.clone();
    return () -> {
      for (Step step : all) {
        step.run();
      }
    };
  }

  /** One after the other. */
  static Step sequence(List<Step> steps) {
    return steps.size() == 1 ? steps.getFirst() : sequence(steps.toArray(Step[]::new));
  }

  /** Copies elements between views of one shape. */
  static Step copy(Tensor from, Tensor to) {
    StridedCopy copy = StridedCopy.between(from, to);
    return copy::run;
  }

  /** Scratch of one element, which has to be set at each run. */
  static Tensor scalar(Memory scratch, DType dtype) {
    return scratch.empty(dtype, Shape.of());
  }

  /** A tensor as it is if it is contiguous; otherwise a copy that a step makes at each run. */
  static Tensor contiguous(Tensor x, Memory scratch, List<Step> steps) {
    if (x.isContiguous()) {
      return x;
    }
    Tensor copy = scratch.empty(x.dtype(), x.shape());
    steps.add(copy(x, copy));
    return copy;
  }
}
