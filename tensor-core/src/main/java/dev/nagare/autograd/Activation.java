package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels.Unary;
import org.jspecify.annotations.Nullable;

/**
 * A function of one argument, element by element: see {@link Unary}.
 *
 * <p>Shapes: {@code S -> S}; the result of a dense tensor lies as it does. Dtypes: all. Gradient:
 * of ReLU and the absolute value at 0 it is 0, as in PyTorch. Source: {@code torch.sigmoid}, {@code
 * tanh}, {@code relu}, {@code exp}, {@code square}, {@code abs}.
 */
final class Activation extends Node {
  private final Unary function;
  private final int @Nullable [] order;
  private final Tensor in;
  private final Tensor out;

  private Activation(Unary function, Variable x, int @Nullable [] order, Tensor in, Tensor out) {
    super("activation", x);
    this.function = function;
    this.order = order;
    this.in = in;
    this.out = out;
  }

  static Variable apply(Unary function, Variable x) {
    Tape tape = Tape.of("activation", x);
    int[] order = MemoryOrder.of(x.value());
    Tensor in = MemoryOrder.seen(tape, x.value(), order);
    Tensor out = tape.scope().empty(in.dtype(), in.shape());
    tape.kernels().unary(function, in, out);
    var node = new Activation(function, x, order, in, out);
    return tape.record(node, MemoryOrder.restored(out, order));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dy = MemoryOrder.seen(tape, gradient, order);
    MemoryOrder.add(
        tape, input(0), order, dx -> tape.kernels().unaryBackward(function, in, out, dy, dx));
  }
}
