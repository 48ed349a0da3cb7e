package dev.nagare.autograd;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Slice;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.List;

/**
 * The last step of each sequence.
 *
 * <p>Shapes: {@code [N, T, C] -> [N, C]}, T at least 1. Dtypes: all. Gradient: to the last step
 * alone. Source: {@code x[:, -1]} in PyTorch; here the result is a copy.
 */
final class LastStep extends Node {
  private LastStep(Variable x) {
    super("lastStep", x);
  }

  static Variable apply(Variable x) {
    Tape tape = Tape.of("lastStep", x);
    Tensor value = x.value();
    if (x.shape().rank() != 3 || value.dim(1) < 1) {
      throw TensorException.mismatch("lastStep: expected [N, T, C] with T >= 1, got " + x);
    }
    return tape.record(new LastStep(x), copy(tape, value));
  }

  /** The last step of {@code [N, T, C]}, in the tape's scope. */
  static Tensor copy(Tape tape, Tensor x) {
    Tensor out = tape.scope().empty(x.dtype(), Shape.of(x.dim(0), x.dim(2)));
    long rows = x.dim(0);
    long steps = x.dim(1);
    long columns = x.dim(2);
    for (long n = 0; n < rows; n++) {
      long from = ((n + 1) * steps - 1) * columns;
      for (long j = 0; j < columns; j++) {
        out.set(n * columns + j, x.get(from + j));
      }
    }
    return out;
  }

  @Override
  protected Value trace(Tracing into) {
    Value x = into.value(input(0));
    Dim steps = x.fact().dim(1);
    var slice = new Slice(List.of(1), List.of(steps.plus(-1)), List.of(steps), List.of(1L));
    return into.add(new Reshape(into.shape()), into.add(slice, x));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dx = gradientOf(tape, input(0));
    long rows = dx.dim(0);
    long steps = dx.dim(1);
    long columns = dx.dim(2);
    for (long n = 0; n < rows; n++) {
      long to = ((n + 1) * steps - 1) * columns;
      for (long j = 0; j < columns; j++) {
        dx.set(to + j, dx.get(to + j) + gradient.get(n * columns + j));
      }
    }
  }
}
