package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;

/**
 * Rows of a table by their numbers: {@code y[i] = weight[indices[i]]}.
 *
 * <p>Shapes: weight {@code [V, E]}, indices {@code [..] -> [.., E]}. Dtypes: weight F32, F64;
 * indices any that holds whole numbers. Gradient: to weight, added row by row in the order of the
 * indices, but for the row with the padding index. Source: {@code torch.nn.functional.embedding}.
 */
public final class Lookup extends Node {
  /** No index is padding. */
  public static final long NO_PADDING = -1;

  private final Tensor indices;
  private final long paddingIndex;

  private Lookup(Variable weight, Tensor indices, long paddingIndex) {
    super("embedding", weight);
    this.indices = indices;
    this.paddingIndex = paddingIndex;
  }

  /**
   * Looks up.
   *
   * @param tape what the result goes on
   * @param weight the table
   * @param indices whole numbers from 0 to V - 1, not changed until the backward has run
   * @param paddingIndex a row that gets no gradient, or {@link #NO_PADDING}
   */
  public static Variable apply(Tape tape, Variable weight, Tensor indices, long paddingIndex) {
    if (weight.shape().rank() != 2) {
      throw TensorException.mismatch("embedding: expected weight [V, E], got " + weight);
    }
    if (weight.tape() != null && weight.tape() != tape) {
      throw TensorException.mismatch("embedding: the weight is on another tape");
    }
    long[] dims = Arrays.copyOf(indices.shape().toArray(), indices.shape().rank() + 1);
    dims[dims.length - 1] = weight.value().dim(1);
    Tensor out = tape.scope().empty(weight.value().dtype(), Shape.of(dims));
    tape.kernels().embedding().forward(weight.value(), indices, out);
    return tape.record(new Lookup(weight, indices, paddingIndex), out);
  }

  @Override
  protected Value trace(Tracing into) {
    return into.add(new dev.nagare.graph.op.Gather(0), into.value(input(0)), into.value(indices));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dWeight = gradientOf(tape, input(0));
    tape.kernels().embedding().backward(indices, gradient, paddingIndex, dWeight);
  }
}
