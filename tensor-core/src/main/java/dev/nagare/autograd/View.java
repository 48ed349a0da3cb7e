package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * The same elements in another shape, without a copy: permute, transpose, slice, narrow, select,
 * expand, squeeze, unsqueeze, and reshape where strides allow.
 *
 * <p>Shapes: as the {@link Tensor} method of the name says. Dtypes: all; F32 and F64 with a
 * gradient. Gradient: each element's to where it came from, summed where an element is repeated.
 * The result shares memory with its operand. Source: the views of {@code torch.Tensor}.
 */
final class View extends Node {
  private final UnaryOperator<Tensor> view;

  private View(String op, Variable x, UnaryOperator<Tensor> view) {
    super(op, x);
    this.view = view;
  }

  static Variable apply(String op, Variable x, UnaryOperator<Tensor> view) {
    Tape tape = Tape.of(op, x);
    return tape.record(new View(op, x, view), view.apply(x.value()));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    // The same view of the gradient says where each element came from.
    Tensor dx = view.apply(input(0).stridedAccumulator(tape));
    tape.kernels().reductions().addSum(1, gradient, dx);
  }
}
