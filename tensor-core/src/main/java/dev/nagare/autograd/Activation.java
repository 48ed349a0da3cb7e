package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels.Unary;

/**
 * A function of one argument, element by element: see {@link Unary}.
 *
 * <p>Shapes: {@code S -> S}. Dtypes: all. Gradient: of ReLU and the absolute value at 0 it is 0, as
 * in PyTorch. Source: {@code torch.sigmoid}, {@code tanh}, {@code relu}, {@code exp}, {@code
 * square}, {@code abs}.
 */
final class Activation extends Node {
  private final Unary function;
  private final Tensor x;
  private final Tensor out;

  private Activation(Unary function, Variable input, Tensor x, Tensor out) {
    super("activation", input);
    this.function = function;
    this.x = x;
    this.out = out;
  }

  static Variable apply(Unary function, Variable input) {
    Tape tape = Tape.of("activation", input);
    Tensor x = input.value().contiguous(tape.scope());
    Tensor out = tape.scope().empty(x.dtype(), x.shape());
    tape.kernels().unary(function, x, out);
    return tape.record(new Activation(function, input, x, out), out);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dx = gradientOf(tape, input(0));
    tape.kernels().unaryBackward(function, x, out, gradient, dx);
  }
}
