package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.tensor.Tensor;

/**
 * The same elements in row-major order: a copy where they are not already.
 *
 * <p>Shapes: {@code S -> S}. Dtypes: all. Gradient: passed on. Source: {@code
 * torch.Tensor.contiguous}.
 */
final class Contiguous extends Node {
  private Contiguous(Variable x) {
    super("contiguous", x);
  }

  static Variable apply(Variable x) {
    if (x.value().isContiguous()) {
      return x;
    }
    Tape tape = Tape.of("contiguous", x);
    return tape.record(new Contiguous(x), x.value().contiguous(tape.scope()));
  }

  /** A view of that shape, of a copy where strides do not allow one of the operand. */
  static Variable reshape(Variable x, long... dims) {
    Variable whole = x.value().canReshape(dims) ? x : apply(x);
    return View.apply("reshape", whole, tensor -> tensor.reshape(dims));
  }

  @Override
  protected Value trace(Tracing into) {
    return into.value(input(0)); // a matter of memory
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Broadcast.flow(tape, 1, gradient, input(0));
  }
}
