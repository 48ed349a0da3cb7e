package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Activations.Function;
import org.jspecify.annotations.Nullable;

/**
 * An operand times a gate that it opens itself, element by element: GELU, SiLU, HardSwish, see
 * {@link Function}.
 *
 * <p>Shapes: {@code S -> S}; the result of a dense tensor lies as it does. Dtypes: F32, F64.
 * Gradient: to x. Source: Hendrycks and Gimpel (2016), Elfwing et al. (2018), Howard et al. (2019);
 * {@code torch.nn.functional.gelu}, {@code silu}, {@code hardswish}.
 */
final class SelfGated extends Node {
  private final Function function;
  private final int @Nullable [] order;
  private final Tensor in;

  private SelfGated(Function function, Variable x, int @Nullable [] order, Tensor in) {
    super(function.op(), x);
    this.function = function;
    this.order = order;
    this.in = in;
  }

  static Variable apply(Function function, Variable x) {
    Tape tape = Tape.of(function.op(), x);
    int[] order = MemoryOrder.of(x.value());
    Tensor in = MemoryOrder.seen(tape, x.value(), order);
    Tensor out = tape.scope().empty(in.dtype(), in.shape());
    tape.kernels().activations().forward(function, in, out);
    var node = new SelfGated(function, x, order, in);
    return tape.record(node, MemoryOrder.restored(out, order));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dy = MemoryOrder.seen(tape, gradient, order);
    MemoryOrder.add(
        tape, input(0), order, dx -> tape.kernels().activations().backward(function, in, dy, dx));
  }
}
