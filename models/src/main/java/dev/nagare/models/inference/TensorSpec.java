package dev.nagare.models.inference;

import dev.nagare.graph.Dim;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.util.List;

/**
 * An input or output of a model.
 *
 * @param name of the tensor
 * @param dtype of its elements
 * @param shape sizes of its axes; what depends on names is the caller's choice
 */
public record TensorSpec(String name, DType dtype, List<Dim> shape) {
  /** Copies the list. */
  public TensorSpec {
    shape = List.copyOf(shape);
  }

  /** Whether a tensor is of this dtype, and of this size along every axis whose size is known. */
  public boolean fits(Tensor tensor) {
    if (tensor.dtype() != dtype || tensor.shape().rank() != shape.size()) {
      return false;
    }
    for (int axis = 0; axis < shape.size(); axis++) {
      if (shape.get(axis).isKnown() && !shape.get(axis).is(tensor.dim(axis))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return dtype.openInferenceName() + " " + shape;
  }
}
