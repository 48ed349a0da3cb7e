package dev.nagare.autograd;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;

/**
 * A border of one value around the last axes.
 *
 * <p>Shapes: the sizes of the last axes grow by what is before and after. Padding comes in pairs,
 * the last axis first: {@code before, after, before, after, ..}. Dtypes: all; F32 and F64 with a
 * gradient; in any strides. Gradient: that of what is not border. Source: {@code
 * torch.nn.functional.pad} in mode {@code constant}, without negative padding.
 */
final class Pad extends Node {
  private final long[] padding;

  private Pad(Variable x, long[] padding) {
    super("pad", x);
    this.padding = padding;
  }

  static Variable apply(Variable x, double value, long... padding) {
    Tape tape = Tape.of("pad", x);
    int rank = x.shape().rank();
    boolean fits = padding.length % 2 == 0 && padding.length / 2 <= rank;
    for (long size : padding) {
      fits &= size >= 0 && size <= Integer.MAX_VALUE;
    }
    if (!fits) {
      throw TensorException.mismatch(
          "pad: "
              + Arrays.toString(padding)
              + " around "
              + x.shape()
              + ", expected pairs of 0 or more for at most "
              + rank
              + " axes");
    }
    long[] dims = x.shape().toArray();
    for (int i = 0; i < padding.length; i++) {
      dims[rank - 1 - i / 2] += padding[i];
    }
    Tensor out = tape.scope().empty(x.value().dtype(), Shape.of(dims));
    out.fill(value);
    inner(out, x.shape(), padding).copyFrom(x.value());
    return tape.record(new Pad(x, padding.clone()), out);
  }

  /** The view of what is not border. */
  private static Tensor inner(Tensor out, Shape shape, long[] padding) {
    Tensor view = out;
    for (int i = 0; i < padding.length / 2; i++) {
      int axis = shape.rank() - 1 - i;
      view = view.narrow(axis, padding[2 * i], shape.dim(axis));
    }
    return view;
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Broadcast.flow(tape, 1, inner(gradient, input(0).shape(), padding), input(0));
  }
}
