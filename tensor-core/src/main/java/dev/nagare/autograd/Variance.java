package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Pointwise;
import dev.nagare.tensor.kernel.Pointwise.Function;

/**
 * Variance over axes, {@code Σ (x - mean)² / (n - correction)}, in two passes.
 *
 * <p>Shapes: {@code S -> S} without the axes, or with size 1 there; no axes given means all.
 * Dtypes: F32, F64, in any strides. Gradient: {@code 2 (x - mean) / (n - correction)}. Of too few
 * elements it is not a number. Source: {@code torch.var}.
 */
final class Variance extends Node {
  private final Axes axes;
  private final Tensor deviation;
  private final double factor;

  private Variance(Variable x, Axes axes, Tensor deviation, double factor) {
    super("var", x);
    this.axes = axes;
    this.deviation = deviation;
    this.factor = factor;
  }

  static Variable apply(Variable x, int correction, boolean keepDim, int... over) {
    Tape tape = Tape.of("var", x);
    Tensor value = x.value();
    Axes axes = Axes.of("var", value, keepDim, over);
    Pointwise pointwise = tape.kernels().pointwise();
    Tensor mean = tape.scope().zeros(value.dtype(), axes.kept());
    tape.kernels().reductions().addSum(1.0 / axes.count(), value, mean);
    Tensor deviation = tape.scope().empty(value.dtype(), value.shape());
    pointwise.binary(Function.SUB, value, mean, deviation);
    Tensor square = tape.scope().empty(value.dtype(), value.shape());
    pointwise.binary(Function.MUL, deviation, deviation, square);
    Tensor out = tape.scope().zeros(value.dtype(), axes.result());
    long divisor = axes.count() - correction;
    double factor = divisor > 0 ? 1.0 / divisor : Double.NaN;
    tape.kernels().reductions().addSum(factor, square, axes.keep(out));
    if (divisor <= 0) {
      out.fill(Double.NaN);
    }
    return tape.record(new Variance(x, axes, deviation, factor), out);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor term = tape.scope().empty(gradient.dtype(), deviation.shape());
    tape.kernels().pointwise().binary(Function.MUL, deviation, axes.keep(gradient), term);
    Broadcast.flow(tape, 2 * factor, term, input(0));
  }
}
