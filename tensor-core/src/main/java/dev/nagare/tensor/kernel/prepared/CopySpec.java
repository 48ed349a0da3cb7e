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
  private static final int FEW_PLANES = 4;

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

  /**
   * Whether it is of F32 images of 2 to 4 channels, {@code [N, C, H, W]}, from channels first to
   * channels last.
   */
  public boolean isOfFewPlanes() {
    if (shape.rank() != 4 || dtype != DType.F32 || shape.dim(1) < 2 || shape.dim(1) > FEW_PLANES) {
      return false;
    }
    long c = shape.dim(1);
    long h = shape.dim(2);
    long w = shape.dim(3);
    return from.equals(List.of(c * h * w, h * w, w, 1L))
        && to.equals(List.of(h * w * c, 1L, w * c, c));
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
