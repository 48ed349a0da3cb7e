package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Pointwise;

/**
 * {@code min(max(x, low), high)}, element by element; what is not a number stays so.
 *
 * <p>Shapes: {@code S -> S}, in any strides. Dtypes: F32, F64. Gradient: to elements within the
 * limits, these included. Source: {@code torch.clamp}.
 */
final class Clamp extends Node {
  private final double low;
  private final double high;
  private final Tensor x;

  private Clamp(Variable input, double low, double high, Tensor x) {
    super("clamp", input);
    this.low = low;
    this.high = high;
    this.x = x;
  }

  static Variable apply(Variable input, double low, double high) {
    Tape tape = Tape.of("clamp", input);
    Tensor x = input.value().contiguous(tape.scope());
    Tensor out = tape.scope().empty(x.dtype(), x.shape());
    tape.kernels().pointwise().clamp(low, high, x, out);
    return tape.record(new Clamp(input, low, high, x), out);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Pointwise pointwise = tape.kernels().pointwise();
    MemoryOrder.add(
        tape, input(0), null, dx -> pointwise.clampBackward(low, high, x, gradient, dx));
  }
}
