package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;

/**
 * Elements added where an index says: {@code out = x}, then {@code out[i][index[i][j][k]][k] +=
 * source[i][j][k]} for axis 1.
 *
 * <p>Shapes: {@code S -> S}; index and source have one shape, as many axes as x, and along the
 * other axes are no longer. Dtypes: F32, F64; index I64. Gradient: to x, and to the source from
 * where it was added. What is added to one place is added in row-major order. Source: {@code
 * torch.scatter_add}.
 */
final class ScatterAdd extends Node {
  private final int axis;
  private final Tensor index;

  private ScatterAdd(Variable x, Variable source, int axis, Tensor index) {
    super("scatterAdd", x, source);
    this.axis = axis;
    this.index = index;
  }

  static Variable apply(Variable x, int axis, Tensor index, Variable source) {
    Tape tape = Tape.of("scatterAdd", x, source);
    int at = Axes.one("scatterAdd", x.value(), axis);
    Tensor out = x.value().keep(tape.scope());
    tape.kernels().indexing().scatterAdd(source.value(), at, index, out);
    return tape.record(new ScatterAdd(x, source, at, index), out);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    if (input(0).requiresGradient()) {
      Broadcast.flow(tape, 1, gradient, input(0));
    }
    if (input(1).requiresGradient()) {
      Tensor term = tape.scope().empty(gradient.dtype(), index.shape());
      tape.kernels().indexing().gather(gradient, axis, index, term);
      Broadcast.flow(tape, 1, term, input(1));
    }
  }
}
