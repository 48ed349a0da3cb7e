package dev.nagare.autograd;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Slice;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.List;

/**
 * The last steps of each sequence.
 *
 * <p>Shapes: {@code [N, T, C] -> [N, steps, C]}, 1 to T steps. Dtypes: all. Gradient: to those
 * steps alone. Source: {@code x[:, -steps:]} in PyTorch; here the result is a copy.
 */
final class LastSteps extends Node {
  private final long steps;

  private LastSteps(Variable x, long steps) {
    super("lastSteps", x);
    this.steps = steps;
  }

  static Variable apply(Variable x, long steps) {
    Tape tape = Tape.of("lastSteps", x);
    Tensor value = x.value();
    if (x.shape().rank() != 3 || steps < 1 || value.dim(1) < steps) {
      throw TensorException.mismatch(
          "lastSteps: expected [N, T, C] with T >= " + steps + " >= 1, got " + x);
    }
    Tensor out = tape.scope().empty(value.dtype(), Shape.of(value.dim(0), steps, value.dim(2)));
    long columns = steps * value.dim(2);
    for (long n = 0; n < value.dim(0); n++) {
      long from = first(value, n, columns);
      for (long j = 0; j < columns; j++) {
        out.set(n * columns + j, value.get(from + j));
      }
    }
    return tape.record(new LastSteps(x, steps), out);
  }

  private static long first(Tensor x, long n, long columns) {
    return (n + 1) * x.dim(1) * x.dim(2) - columns;
  }

  @Override
  protected Value trace(Tracing into) {
    Value x = into.value(input(0));
    Dim end = x.fact().dim(1);
    Dim start = end.minus(into.shape().get(1));
    return into.add(new Slice(List.of(1), List.of(start), List.of(end), List.of(1L)), x);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dx = gradientOf(tape, input(0));
    long columns = steps * dx.dim(2);
    for (long n = 0; n < dx.dim(0); n++) {
      long to = first(dx, n, columns);
      for (long j = 0; j < columns; j++) {
        dx.set(to + j, dx.get(to + j) + gradient.get(n * columns + j));
      }
    }
  }
}
