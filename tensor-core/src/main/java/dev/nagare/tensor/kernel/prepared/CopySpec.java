package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;
import java.util.List;

/**
 * The same elements in another order of memory, another dtype, or both: images from channels first
 * to channels last, axes that change places, F32 to BF16.
 *
 * @param shape of both, at most 6 axes
 * @param from strides of x in elements, not negative
 * @param to strides of y in elements, positive; no two elements in one place
 * @param dtype of x
 * @param result dtype of y
 */
public record CopySpec(Shape shape, List<Long> from, List<Long> to, DType dtype, DType result) {
  /** Copies the lists. */
  public CopySpec {
    from = List.copyOf(from);
    to = List.copyOf(to);
    Specs.positive("copy", "axes", shape.toArray());
    Specs.computable("copy", dtype, result);
    if (from.size() != shape.rank() || to.size() != shape.rank() || shape.rank() > 6) {
      throw TensorException.mismatch(
          "copy: expected a stride for each axis of "
              + shape
              + ", at most 6, got "
              + from
              + " and "
              + to);
    }
  }

  /** Between contiguous tensors: y is x with its axes in this order. */
  public static CopySpec permuted(Shape x, DType dtype, DType result, int... axes) {
    long[] strides = Specs.contiguous(x);
    long[] dims = Arrays.stream(axes).mapToLong(x::dim).toArray();
    Shape y = Shape.of(dims);
    return new CopySpec(
        y,
        Arrays.stream(axes).mapToObj(axis -> strides[axis]).toList(),
        Arrays.stream(Specs.contiguous(y)).boxed().toList(),
        dtype,
        result);
  }
}
