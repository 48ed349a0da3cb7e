package dev.nagare.graph;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a value before anything runs.
 *
 * <p>Contents make shape arithmetic disappear: the shape of a tensor, an element gathered from it
 * and what is concatenated from such elements are known as expressions while nothing but names is
 * known of the sizes.
 *
 * @param dtype element type
 * @param shape sizes of the axes
 * @param contents the elements in row-major order, where they are few, integer and known; null
 *     otherwise
 */
public record Fact(DType dtype, List<Dim> shape, @Nullable List<Dim> contents) {
  /** The most elements whose contents are followed. */
  public static final int MOST_CONTENTS = 64;

  /** Copies the lists. */
  public Fact {
    shape = List.copyOf(shape);
    contents = contents == null ? null : List.copyOf(contents);
  }

  /** A value of which the elements are not known. */
  public static Fact of(DType dtype, List<Dim> shape) {
    return new Fact(dtype, shape, null);
  }

  /** A value of known sizes. */
  public static Fact of(DType dtype, long... dims) {
    return of(dtype, Arrays.stream(dims).mapToObj(Dim::of).toList());
  }

  /** A vector of sizes, as operators on shapes make it. */
  public static Fact ofSizes(DType dtype, List<Dim> elements) {
    List<Dim> contents = elements.size() <= MOST_CONTENTS ? elements : null;
    return new Fact(dtype, List.of(Dim.of(elements.size())), contents);
  }

  /** Number of axes. */
  public int rank() {
    return shape.size();
  }

  /** Size of an axis; a negative axis counts from the last. */
  public Dim dim(int axis) {
    int at = axis < 0 ? axis + rank() : axis;
    if (at < 0 || at >= rank()) {
      throw TensorException.mismatch("axis " + axis + " of " + this);
    }
    return shape.get(at);
  }

  /** Number of elements. */
  public Dim elements() {
    Dim product = Dim.ONE;
    for (Dim dim : shape) {
      product = product.times(dim);
    }
    return product;
  }

  /** Whether every size is a number. */
  public boolean isKnown() {
    return shape.stream().allMatch(Dim::isKnown);
  }

  /**
   * The shape as numbers.
   *
   * @throws TensorException kind MISMATCH if a size depends on names
   */
  public Shape toShape() {
    return Shape.of(shape.stream().mapToLong(Dim::value).toArray());
  }

  /** The same with names replaced by numbers. */
  public Fact bind(Map<String, Long> names) {
    return new Fact(
        dtype,
        shape.stream().map(dim -> dim.bind(names)).toList(),
        contents == null ? null : contents.stream().map(dim -> dim.bind(names)).toList());
  }

  /** The same shape and elements in another dtype. */
  public Fact as(DType other) {
    return new Fact(other, shape, other.isFloating() ? null : contents);
  }

  @Override
  public String toString() {
    return dtype + " " + shape + (contents == null ? "" : " = " + contents);
  }
}
