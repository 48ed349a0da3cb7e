package dev.nagare.tensor;

import org.jspecify.annotations.Nullable;

/** The arithmetic of shapes and strides; strides count elements and are never negative. */
final class Strides {
  private Strides() {}

  static long[] rowMajor(Shape shape) {
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= Math.max(1, shape.dim(axis));
    }
    return strides;
  }

  /** Whether elements lie one after the other in row-major order; axes of size 1 do not matter. */
  static boolean isRowMajor(Shape shape, long[] strides) {
    if (shape.elements() == 0) {
      return true;
    }
    long expected = 1;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      if (shape.dim(axis) != 1 && strides[axis] != expected) {
        return false;
      }
      expected *= shape.dim(axis);
    }
    return true;
  }

  /** Whether some order of the axes makes them row-major: no gaps, no element twice. */
  static boolean isDense(Shape shape, long[] strides) {
    long expected = 1;
    boolean[] seen = new boolean[strides.length];
    for (int found = 0; found < strides.length; found++) {
      int next = -1;
      for (int axis = 0; axis < strides.length; axis++) {
        if (!seen[axis] && (shape.dim(axis) == 1 || strides[axis] == expected)) {
          next = axis;
          break;
        }
      }
      if (next < 0) {
        return false;
      }
      seen[next] = true;
      expected *= shape.dim(next);
    }
    return true;
  }

  /** Elements from the first to the last one, both counted; 0 if there are none. */
  static long extent(Shape shape, long[] strides) {
    if (shape.elements() == 0) {
      return 0;
    }
    long last = 0;
    for (int axis = 0; axis < strides.length; axis++) {
      last += (shape.dim(axis) - 1) * strides[axis];
    }
    return last + 1;
  }

  /** Where the element at a row-major position is, counted from the first. */
  static long offset(Shape shape, long[] strides, long index) {
    long rest = index;
    long offset = 0;
    for (int axis = strides.length - 1; axis >= 0; axis--) {
      long dim = shape.dim(axis);
      offset += rest % dim * strides[axis];
      rest /= dim;
    }
    return offset;
  }

  /** Whether two positions can be one element. */
  static boolean repeats(Shape shape, long[] strides) {
    for (int axis = 0; axis < strides.length; axis++) {
      if (strides[axis] == 0 && shape.dim(axis) > 1) {
        return true;
      }
    }
    return false;
  }

  /**
   * Strides with which a non-empty view has another shape of as many elements; null if there are
   * none.
   *
   * <p>Axes of the view that lie row-major among themselves are a block; a new axis must fall
   * inside one block.
   */
  static long @Nullable [] reshaped(Shape from, long[] strides, Shape to) {
    long[] result = new long[to.rank()];
    int next = to.rank() - 1;
    long stride = strides[strides.length - 1];
    long wanted = 1;
    for (int axis = from.rank() - 1; axis >= 0; axis--) {
      wanted *= from.dim(axis);
      if (axis > 0 && (from.dim(axis - 1) == 1 || strides[axis - 1] == wanted * stride)) {
        continue; // the block goes on
      }
      long placed = 1;
      for (; next >= 0 && (placed < wanted || to.dim(next) == 1); next--) {
        result[next] = placed * stride;
        placed *= to.dim(next);
      }
      if (placed != wanted) {
        return null;
      }
      if (axis > 0) {
        stride = strides[axis - 1];
        wanted = 1;
      }
    }
    return result;
  }
}
