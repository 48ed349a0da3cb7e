package dev.nagare.nn;

import dev.nagare.autograd.Lookup;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Normal;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * A table of learned rows, one per number.
 *
 * <p>Shapes: indices {@code [..] -> [.., E]}; weight {@code [V, E]}. Dtypes: F32, F64; indices I32,
 * I64, or any that holds whole numbers. Gradient: to weight, see {@link Lookup}. Errors: an index
 * that is no row is refused with its place. Source: {@code torch.nn.Embedding}, without its norm
 * limit and sparse gradients.
 */
public final class Embedding extends Module {
  private final Parameter weight;
  private final long paddingIndex;

  /** Creates a table that starts as PyTorch's: normal with mean 0 and deviation 1. */
  public Embedding(ParameterFactory factory, int rows, int features) {
    this(factory.create("weight", new Normal(0, 1), rows, features), Lookup.NO_PADDING);
  }

  private Embedding(Parameter weight, long paddingIndex) {
    this.weight = register(weight);
    this.paddingIndex = paddingIndex;
  }

  /** A table one row of which starts at zero and gets no gradient. */
  public static Embedding padded(
      ParameterFactory factory, int rows, int features, int paddingIndex) {
    if (paddingIndex < 0 || paddingIndex >= rows) {
      throw TensorException.mismatch(
          "embedding: expected a padding index from 0 to " + (rows - 1) + ", got " + paddingIndex);
    }
    Initializer normal = new Normal(0, 1);
    Initializer padded =
        (tensor, random) -> {
          normal.fill(tensor, random);
          tensor.narrow(paddingIndex, 1).zero();
        };
    return new Embedding(factory.create("weight", padded, rows, features), paddingIndex);
  }

  /** Looks up; the indices must not change until the backward has run. */
  public Variable forward(Tape tape, Tensor indices) {
    return Lookup.apply(tape, weight, indices, paddingIndex);
  }

  /** Looks up indices that are given row-major, with the shape they have. */
  public Variable forward(Tape tape, int[] indices, long... dims) {
    Shape shape = Shape.of(dims);
    if (shape.elements() != indices.length) {
      throw TensorException.mismatch(
          "embedding: " + indices.length + " indices do not fit the shape " + shape);
    }
    Tensor copy = tape.scope().empty(DType.I32, shape);
    for (int i = 0; i < indices.length; i++) {
      copy.setLong(i, indices[i]);
    }
    return forward(tape, copy);
  }
}
