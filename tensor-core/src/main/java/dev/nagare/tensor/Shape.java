package dev.nagare.tensor;

import java.util.Arrays;
import java.util.List;

/** Sizes of a tensor's axes, outermost first. Immutable; {@code []} is a scalar. */
public final class Shape {
  private final long[] dims;
  private final long elements;

  private Shape(long[] dims) {
    long product = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw TensorException.mismatch(
            "shape: sizes must be 0 or more, got " + Arrays.toString(dims));
      }
      try {
        product = Math.multiplyExact(product, dim);
      } catch (ArithmeticException e) {
        throw new TensorException(
            TensorException.Kind.MISMATCH,
            "shape: more than 2^63 elements in " + Arrays.toString(dims),
            e);
      }
    }
    this.dims = dims;
    this.elements = product;
  }

  /** The shape with these sizes. */
  public static Shape of(long... dims) {
    return new Shape(dims.clone());
  }

  /** Number of axes. */
  public int rank() {
    return dims.length;
  }

  /** Size of an axis; a negative axis counts from the last, which is -1. */
  public long dim(int axis) {
    int at = axis < 0 ? dims.length + axis : axis;
    if (at < 0 || at >= dims.length) {
      throw TensorException.mismatch(
          "shape: axis " + axis + " of " + this + ", which has " + dims.length);
    }
    return dims[at];
  }

  /** Product of the sizes; 1 for a scalar. */
  public long elements() {
    return elements;
  }

  /** The sizes, as a copy. */
  public long[] toArray() {
    return dims.clone();
  }

  /** The sizes, as protocols name them. */
  public List<Long> toList() {
    Long[] sizes = new Long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      sizes[i] = dims[i];
    }
    return List.of(sizes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** Such as {@code [2, 3]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
