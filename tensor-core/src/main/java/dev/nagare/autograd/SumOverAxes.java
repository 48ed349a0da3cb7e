package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.Reshape;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Reductions;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sum or mean over axes.
 *
 * <p>Shapes: {@code S -> S} without the axes, or with size 1 there; no axes given means all.
 * Dtypes: F32, F64, in any strides. Gradient: the same number to every element of a sum. The mean
 * of no element is not a number. Source: {@code torch.sum}, {@code torch.mean} with {@code dim}.
 */
final class SumOverAxes extends Node {
  private final Axes axes;
  private final double factor;

  private SumOverAxes(Variable x, Axes axes, double factor) {
    super("sum", x);
    this.axes = axes;
    this.factor = factor;
  }

  static Variable apply(Variable x, boolean mean, boolean keepDim, int... over) {
    String op = mean ? "mean" : "sum";
    Tape tape = Tape.of(op, x);
    Axes axes = Axes.of(op, x.value(), keepDim, over);
    double factor = mean ? 1.0 / axes.count() : 1;
    Tensor out = tape.scope().zeros(x.value().dtype(), axes.result());
    Reductions reductions = tape.kernels().reductions();
    reductions.addSum(factor, x.value(), axes.keep(out));
    if (mean && axes.count() == 0) {
      out.fill(Double.NaN);
    }
    return tape.record(new SumOverAxes(x, axes, factor), out);
  }

  @Override
  protected Value trace(Tracing into) {
    Shape whole = input(0).shape();
    List<Integer> over =
        IntStream.range(0, whole.rank())
            .filter(axis -> axes.kept().dim(axis) != whole.dim(axis))
            .boxed()
            .toList();
    Value x = into.value(input(0));
    var kind = factor == 1 ? Reduce.Kind.SUM : Reduce.Kind.MEAN;
    Value y = over.isEmpty() ? x : into.add(new Reduce(kind, over, true), x);
    return into.add(new Reshape(into.shape()), y);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dx = gradientOf(tape, input(0));
    Tensor repeated = axes.keep(gradient).expand(dx.shape().toArray());
    tape.kernels().reductions().addSum(factor, repeated, dx);
  }
}
