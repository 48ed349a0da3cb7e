package dev.nagare.autograd;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Slice;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps of each sequence up to its end, in their order or from the end to the first, and zeros
 * after them.
 *
 * <p>Shapes: {@code [N, T, C] -> [N, T, C]}, lengths {@code [N]} or null for T each. Dtypes: F32,
 * F64. Gradient: to the steps up to the end.
 */
public final class Steps extends Node {
  private final @Nullable Tensor lengths;
  private final boolean reverse;

  private Steps(Variable x, @Nullable Tensor lengths, boolean reverse) {
    super("steps", x);
    this.lengths = lengths;
    this.reverse = reverse;
  }

  /** Arranges the steps; the lengths must not change until the backward has run. */
  public static Variable apply(Variable x, @Nullable Tensor lengths, boolean reverse) {
    Tape tape = Tape.of("steps", x);
    if (x.shape().rank() != 3) {
      throw TensorException.mismatch("steps: expected [N, T, C], got " + x);
    }
    Tensor value = x.value().contiguous(tape.scope());
    Tensor out = tape.scope().empty(value.dtype(), x.shape());
    tape.kernels().recurrent().arrange(value, lengths, reverse, out, false);
    return tape.record(new Steps(x, lengths, reverse), out);
  }

  @Override
  protected Value trace(Tracing into) {
    if (lengths != null) {
      throw untraceable();
    }
    Value x = into.value(input(0));
    Dim last = x.fact().dim(1).plus(-1);
    return reverse
        ? into.add(new Slice(List.of(1), List.of(last), List.of(Dim.of(-1)), List.of(-1L)), x)
        : x;
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dx = gradientOf(tape, input(0));
    tape.kernels().recurrent().arrange(gradient, lengths, reverse, dx, true);
  }
}
