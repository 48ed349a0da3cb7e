package dev.nagare.autograd;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;

/**
 * The axes that a reduction goes over.
 *
 * @param kept the result's shape with size 1 along each of them
 * @param result the result's shape
 * @param count how many elements become one
 */
record Axes(Shape kept, Shape result, long count) {

  /** Those axes; none given means all; a negative one counts from the last. */
  static Axes of(String op, Tensor x, boolean keepDim, int... axes) {
    int rank = x.shape().rank();
    boolean[] reduced = new boolean[rank];
    Arrays.fill(reduced, axes.length == 0);
    for (int axis : axes) {
      int at = one(op, x, axis);
      if (reduced[at]) {
        throw TensorException.mismatch(
            op + ": axis " + axis + " of " + x.shape() + " twice in " + Arrays.toString(axes));
      }
      reduced[at] = true;
    }
    long[] kept = new long[rank];
    long[] result = new long[rank];
    int left = 0;
    long count = 1;
    for (int axis = 0; axis < rank; axis++) {
      long dim = x.dim(axis);
      kept[axis] = reduced[axis] ? 1 : dim;
      if (reduced[axis]) {
        count *= dim;
      } else {
        result[left++] = dim;
      }
    }
    Shape keptShape = Shape.of(kept);
    return new Axes(keptShape, keepDim ? keptShape : Shape.of(Arrays.copyOf(result, left)), count);
  }

  /** The axis, counted from the first. */
  static int one(String op, Tensor x, int axis) {
    int rank = x.shape().rank();
    int at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
      throw TensorException.mismatch(
          op + ": axis " + axis + " of " + x.shape() + ", which has " + rank + " axes");
    }
    return at;
  }

  /** A contiguous tensor of the result's shape as one that has all axes. */
  Tensor keep(Tensor result) {
    return result.reshape(kept.toArray());
  }
}
