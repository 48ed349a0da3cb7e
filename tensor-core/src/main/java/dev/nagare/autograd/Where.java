package dev.nagare.autograd;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/**
 * {@code condition ? a : b}, element by element.
 *
 * <p>Shapes: condition, A, B {@code ->} what all are {@link Broadcast} to, in any strides. Dtypes:
 * condition BOOL, a and b F32 or F64. Gradient: to the operand that was chosen, summed over the
 * axes that it repeated. Source: {@code torch.where}.
 */
final class Where extends Node {
  private final Tensor condition;

  private Where(Tensor condition, Variable a, Variable b) {
    super("where", a, b);
    this.condition = condition;
  }

  static Variable apply(Tensor condition, Variable a, Variable b) {
    Tape tape = Tape.of("where", a, b);
    Shape both = Broadcast.shape("where", a, b);
    Shape shape = Broadcast.shape("where", condition.shape(), both);
    Tensor out = tape.scope().empty(a.value().dtype(), shape);
    tape.kernels().pointwise().where(condition, a.value(), b.value(), out);
    return tape.record(new Where(condition, a, b), out);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor zero = tape.scope().zeros(gradient.dtype(), Shape.of());
    for (int i = 0; i < 2; i++) {
      if (input(i).requiresGradient()) {
        Tensor term = tape.scope().empty(gradient.dtype(), gradient.shape());
        Tensor first = i == 0 ? gradient : zero;
        Tensor second = i == 0 ? zero : gradient;
        tape.kernels().pointwise().where(condition, first, second, term);
        Broadcast.flow(tape, 1, term, input(i));
      }
    }
  }
}
