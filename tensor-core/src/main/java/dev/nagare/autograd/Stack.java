package dev.nagare.autograd;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Reshape;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;

/**
 * Tensors of one shape along a new axis.
 *
 * <p>Shapes: n times {@code S -> S} with an axis of size n inserted. Dtypes: all, one of them; F32
 * and F64 with a gradient; in any strides. Gradient: each operand's part. Source: {@code
 * torch.stack}.
 */
final class Stack extends Node {
  private final int axis;

  private Stack(int axis, Variable... parts) {
    super("stack", parts);
    this.axis = axis;
  }

  static Variable apply(int axis, Variable... parts) {
    Tape tape = Operands.tape("stack", parts);
    Tensor first = parts[0].value();
    for (Variable part : parts) {
      if (part.value().dtype() != first.dtype() || !part.shape().equals(first.shape())) {
        throw TensorException.mismatch("stack: " + part + ", expected the same as " + first);
      }
    }
    int rank = first.shape().rank();
    int at = axis < 0 ? axis + rank + 1 : axis;
    if (at < 0 || at > rank) {
      throw TensorException.mismatch(
          "stack: axis " + axis + ", expected " + (-rank - 1) + " to " + rank);
    }
    long[] dims = new long[rank + 1];
    for (int i = 0; i <= rank; i++) {
      dims[i] = i == at ? parts.length : first.dim(i < at ? i : i - 1);
    }
    Tensor out = tape.scope().empty(first.dtype(), Shape.of(dims));
    for (int i = 0; i < parts.length; i++) {
      out.select(at, i).copyFrom(parts[i].value());
    }
    return tape.record(new Stack(at, parts.clone()), out);
  }

  @Override
  protected Value trace(Tracing into) {
    List<Dim> part = new ArrayList<>(into.shape());
    part.set(axis, Dim.ONE);
    Value[] parts = new Value[inputs.length];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = into.add(new Reshape(part), into.value(inputs[i]));
    }
    return into.add(new dev.nagare.graph.op.Concat(axis), parts);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    for (int i = 0; i < inputs.length; i++) {
      if (inputs[i].requiresGradient()) {
        Broadcast.flow(tape, 1, gradient.select(axis, i), inputs[i]);
      }
    }
  }
}
