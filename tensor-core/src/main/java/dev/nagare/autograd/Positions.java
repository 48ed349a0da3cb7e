package dev.nagare.autograd;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Slice;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels.Binary;
import java.util.List;

/**
 * Rows of a table added to the steps of every sequence: {@code y[n, t] = x[n, t] + table[first +
 * t]}.
 *
 * <p>Shapes: x {@code [N, T, E]}, table {@code [L, E]} with {@code first + T <= L -> [N, T, E]}.
 * Dtypes: F32, F64. Gradient: to x, and to the table where it wants one, in the order of the
 * sequences.
 */
public final class Positions extends Node {
  private final long first;

  private Positions(Variable x, Variable table, long first) {
    super("positions", x, table);
    this.first = first;
  }

  /** Adds the rows from {@code first} on. */
  public static Variable apply(Variable x, Variable table, long first) {
    Tape tape = Tape.of("positions", x, table);
    Tensor value = x.value().contiguous(tape.scope());
    if (x.shape().rank() != 3
        || table.shape().rank() != 2
        || value.dim(2) != table.value().dim(1)
        || first < 0
        || first > table.value().dim(0) - value.dim(1)) {
      throw TensorException.mismatch(
          "positions: expected x [N, T, E] and a table [L, E] with "
              + first
              + " + T <= L, got "
              + x
              + " and "
              + table);
    }
    Tensor out = tape.scope().empty(value.dtype(), x.shape());
    Tensor rows = table.value().narrow(first, value.dim(1));
    for (long n = 0; n < value.dim(0); n++) {
      tape.kernels().binary(Binary.ADD, sequence(value, n), rows, sequence(out, n));
    }
    return tape.record(new Positions(x, table, first), out);
  }

  private static Tensor sequence(Tensor x, long n) {
    return x.narrow(n, 1).reshape(x.dim(1), x.dim(2));
  }

  @Override
  protected Value trace(Tracing into) {
    Value x = into.value(input(0));
    Dim start = Dim.of(first);
    Dim end = start.plus(x.fact().dim(1));
    var slice = new Slice(List.of(0), List.of(start), List.of(end), List.of(1L));
    Value rows = into.add(slice, into.value(input(1)));
    return into.add(
        new dev.nagare.graph.op.Binary(dev.nagare.graph.op.Binary.Function.ADD), x, rows);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    if (input(0).requiresGradient()) {
      tape.kernels().axpy(1, gradient, gradientOf(tape, input(0)));
    }
    if (input(1).requiresGradient()) {
      Tensor rows = gradientOf(tape, input(1)).narrow(first, gradient.dim(1));
      for (long n = 0; n < gradient.dim(0); n++) {
        tape.kernels().axpy(1, sequence(gradient, n), rows);
      }
    }
  }
}
