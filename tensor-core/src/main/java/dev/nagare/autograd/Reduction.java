package dev.nagare.autograd;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/**
 * Sum or mean of all elements.
 *
 * <p>Shapes: {@code S -> []}. Dtypes: all. Gradient: the same number to every element. Source:
 * {@code torch.sum}, {@code torch.mean}.
 */
final class Reduction extends Node {
  private static final Shape SCALAR = Shape.of();

  private final double factor;

  private Reduction(Variable x, double factor) {
    super("reduction", x);
    this.factor = factor;
  }

  static Variable apply(Variable x, boolean mean) {
    Tape tape = Tape.of("reduction", x);
    double factor = mean ? 1.0 / x.value().elements() : 1;
    Tensor out = tape.scope().empty(x.value().dtype(), SCALAR);
    out.set(
        0,
        tape.kernels().sum(MemoryOrder.seen(tape, x.value(), MemoryOrder.of(x.value()))) * factor);
    return tape.record(new Reduction(x, factor), out);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dx = gradientOf(tape, input(0));
    double term = gradient.get(0) * factor;
    for (long i = 0; i < dx.elements(); i++) {
      dx.set(i, dx.get(i) + term);
    }
  }
}
