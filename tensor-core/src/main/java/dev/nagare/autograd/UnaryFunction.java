package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Pointwise;
import dev.nagare.tensor.kernel.Pointwise.Single;

/**
 * Negative, square root or natural logarithm, element by element.
 *
 * <p>Shapes: {@code S -> S}, in any strides. Dtypes: F32, F64. Gradient: {@code -1}, {@code 1 /
 * (2√x)}, {@code 1 / x}; not finite at 0, as in PyTorch. Source: {@code torch.neg}, {@code sqrt},
 * {@code log}.
 */
final class UnaryFunction extends Node {
  private final Single function;
  private final Tensor x;
  private final Tensor out;

  private UnaryFunction(Single function, Variable input, Tensor x, Tensor out) {
    super("unary", input);
    this.function = function;
    this.x = x;
    this.out = out;
  }

  static Variable apply(Single function, Variable input) {
    Tape tape = Tape.of("unary", input);
    Tensor x = input.value().contiguous(tape.scope());
    Tensor out = tape.scope().empty(x.dtype(), x.shape());
    tape.kernels().pointwise().unary(function, x, out);
    return tape.record(new UnaryFunction(function, input, x, out), out);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Pointwise pointwise = tape.kernels().pointwise();
    MemoryOrder.add(
        tape, input(0), null, dx -> pointwise.unaryBackward(function, x, out, gradient, dx));
  }
}
