package dev.nagare.graph.plan;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.List;

/** The order of the axes of images: logically {@code [N, C, H, W]}, or {@code [N, C, L]}. */
final class Orders {
  private Orders() {}

  /** Whether a value of this shape can lie channels last. */
  static boolean isImage(Shape shape) {
    return shape.rank() == 4 || shape.rank() == 3;
  }

  /** Whether both orders put every element in the same place. */
  static boolean coincide(Shape shape) {
    if (!isImage(shape)) {
      return true;
    }
    long places = 1;
    for (int axis = 2; axis < shape.rank(); axis++) {
      places *= shape.dim(axis);
    }
    return places == 1 || shape.dim(1) == 1 || shape.elements() == 0;
  }

  /** {@code [N, C, H, W]} to {@code [N, H, W, C]}. */
  static Shape channelsLast(Shape shape) {
    long[] dims = new long[shape.rank()];
    dims[0] = shape.dim(0);
    for (int axis = 2; axis < dims.length; axis++) {
      dims[axis - 1] = shape.dim(axis);
    }
    dims[dims.length - 1] = shape.dim(1);
    return Shape.of(dims);
  }

  /** Elements from one to the next along each logical axis. */
  static List<Long> strides(Shape shape, boolean channelsLast) {
    int rank = shape.rank();
    Long[] strides = new Long[rank];
    long stride = 1;
    if (channelsLast) {
      strides[1] = 1L;
      stride = shape.dim(1);
    }
    for (int axis = rank - 1; axis >= 0; axis--) {
      if (!channelsLast || axis != 1) {
        strides[axis] = stride;
        stride *= shape.dim(axis);
      }
    }
    return List.of(strides);
  }

  /** {@code [N, H, W, C]} seen as {@code [N, C, H, W]}. */
  static Tensor seenChannelsFirst(Tensor memory) {
    return memory.shape().rank() == 4 ? memory.permute(0, 3, 1, 2) : memory.permute(0, 2, 1);
  }
}
