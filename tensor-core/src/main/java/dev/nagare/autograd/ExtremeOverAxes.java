package dev.nagare.autograd;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Pointwise;
import dev.nagare.tensor.kernel.Pointwise.Function;

/**
 * The largest or smallest element over axes; what is not a number wins.
 *
 * <p>Shapes: {@code S -> S} without the axes, or with size 1 there; no axes given means all.
 * Dtypes: F32, F64, in any strides. Gradient: in equal parts to all elements that are the extreme.
 * Of no element there is none: refused. Source: {@code torch.amax}, {@code torch.amin}.
 */
final class ExtremeOverAxes extends Node {
  private final Axes axes;
  private final Tensor extreme;

  private ExtremeOverAxes(Variable x, Axes axes, Tensor extreme) {
    super("extreme", x);
    this.axes = axes;
    this.extreme = extreme;
  }

  static Variable apply(Variable x, boolean max, boolean keepDim, int... over) {
    String op = max ? "max" : "min";
    Tape tape = Tape.of(op, x);
    Axes axes = Axes.of(op, x.value(), keepDim, over);
    Tensor out = tape.scope().empty(x.value().dtype(), axes.result());
    Tensor extreme = axes.keep(out);
    tape.kernels().reductions().extreme(max, x.value(), extreme);
    return tape.record(new ExtremeOverAxes(x, axes, extreme), out);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor x = input(0).value();
    Pointwise pointwise = tape.kernels().pointwise();
    Shape shape = x.shape();
    Tensor mask = tape.scope().empty(x.dtype(), shape);
    pointwise.binary(Function.SAME, x, extreme, mask);
    Tensor winners = tape.scope().zeros(x.dtype(), extreme.shape());
    tape.kernels().reductions().addSum(1, mask, winners);
    Tensor part = tape.scope().empty(x.dtype(), extreme.shape());
    pointwise.binary(Function.DIV, axes.keep(gradient), winners, part);
    Tensor term = tape.scope().empty(x.dtype(), shape);
    pointwise.binary(Function.MUL, mask, part, term);
    Broadcast.flow(tape, 1, term, input(0));
  }
}
