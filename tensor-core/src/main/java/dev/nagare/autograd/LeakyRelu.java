package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * {@code x > 0 ? x : slope · x}, element by element.
 *
 * <p>Shapes: {@code S -> S}; the result of a dense tensor lies as it does. Dtypes: F32, F64.
 * Gradient: to x; at 0 it is the slope, as in PyTorch. Source: Maas et al. (2013); {@code
 * torch.nn.functional.leaky_relu}.
 */
final class LeakyRelu extends Node {
  private final double slope;
  private final int @Nullable [] order;
  private final Tensor in;

  private LeakyRelu(double slope, Variable x, int @Nullable [] order, Tensor in) {
    super("leaky_relu", x);
    this.slope = slope;
    this.order = order;
    this.in = in;
  }

  static Variable apply(double slope, Variable x) {
    Tape tape = Tape.of("leaky_relu", x);
    int[] order = MemoryOrder.of(x.value());
    Tensor in = MemoryOrder.seen(tape, x.value(), order);
    Tensor out = tape.scope().empty(in.dtype(), in.shape());
    tape.kernels().activations().leakyRelu(slope, in, out);
    var node = new LeakyRelu(slope, x, order, in);
    return tape.record(node, MemoryOrder.restored(out, order));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dy = MemoryOrder.seen(tape, gradient, order);
    MemoryOrder.add(
        tape,
        input(0),
        order,
        dx -> tape.kernels().activations().leakyReluBackward(slope, in, dy, dx));
  }
}
