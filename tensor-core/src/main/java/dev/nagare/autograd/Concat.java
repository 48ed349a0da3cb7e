package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;

/**
 * Tensors one after the other along an axis.
 *
 * <p>Shapes: equal but for the axis, whose sizes are added. Dtypes: all, one of them; F32 and F64
 * with a gradient; in any strides. Gradient: each operand's part. Source: {@code torch.cat}.
 */
final class Concat extends Node {
  private final int axis;

  private Concat(int axis, Variable... parts) {
    super("concat", parts);
    this.axis = axis;
  }

  static Variable apply(int axis, Variable... parts) {
    Tape tape = Operands.tape("concat", parts);
    Tensor first = parts[0].value();
    int at = Axes.one("concat", first, axis);
    long[] dims = first.shape().toArray();
    dims[at] = 0;
    for (Variable part : parts) {
      long size = part.shape().rank() == dims.length ? part.value().dim(at) : 0;
      long[] own = part.shape().toArray();
      if (own.length == dims.length) {
        own[at] = dims[at];
      }
      if (part.value().dtype() != first.dtype() || !Shape.of(own).equals(Shape.of(dims))) {
        throw TensorException.mismatch(
            "concat: "
                + part
                + " after "
                + first
                + ", expected one dtype and equal sizes but for axis "
                + axis);
      }
      dims[at] += size;
    }
    Tensor out = tape.scope().empty(first.dtype(), Shape.of(dims));
    long from = 0;
    for (Variable part : parts) {
      long size = part.value().dim(at);
      out.narrow(at, from, size).copyFrom(part.value());
      from += size;
    }
    return tape.record(new Concat(at, parts.clone()), out);
  }

  @Override
  protected Value trace(Tracing into) {
    Value[] parts = Arrays.stream(inputs).map(into::value).toArray(Value[]::new);
    return into.add(new dev.nagare.graph.op.Concat(axis), parts);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    long from = 0;
    for (Variable part : inputs) {
      long size = part.value().dim(axis);
      if (part.requiresGradient()) {
        Broadcast.flow(tape, 1, gradient.narrow(axis, from, size), part);
      }
      from += size;
    }
  }
}
