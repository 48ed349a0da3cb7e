package dev.nagare.tensor;

import java.util.Arrays;

/** The geometry of views: checks the request, then gives the same memory another shape. */
final class Views {
  private Views() {}

  static Tensor permute(Tensor x, int... axes) {
    int rank = x.shape().rank();
    long[] dims = new long[rank];
    long[] strides = new long[rank];
    boolean[] seen = new boolean[rank];
    boolean fits = axes.length == rank;
    for (int i = 0; fits && i < rank; i++) {
      int axis = axes[i] < 0 ? axes[i] + rank : axes[i];
      fits = axis >= 0 && axis < rank && !seen[axis];
      if (fits) {
        seen[axis] = true;
        dims[i] = x.dim(axis);
        strides[i] = x.stride(axis);
      }
    }
    if (!fits) {
      throw TensorException.mismatch(
          "permute: expected each axis of " + x.shape() + " once, got " + Arrays.toString(axes));
    }
    return x.view(0, Shape.of(dims), strides);
  }

  static Tensor transpose(Tensor x, int a, int b) {
    int one = axis("transpose", x, a);
    int two = axis("transpose", x, b);
    long[] dims = x.shape().toArray();
    long[] strides = x.strides();
    dims[one] = x.dim(two);
    dims[two] = x.dim(one);
    long stride = strides[one];
    strides[one] = strides[two];
    strides[two] = stride;
    return x.view(0, Shape.of(dims), strides);
  }

  static Tensor slice(Tensor x, int axis, long start, long end, long step) {
    int at = axis("slice", x, axis);
    long dim = x.dim(at);
    long from = start < 0 ? start + dim : start;
    long to = end < 0 ? end + dim : end;
    if (from < 0 || to > dim || from > to || step < 1) {
      throw TensorException.mismatch(
          "slice: from "
              + start
              + " to "
              + end
              + " in steps of "
              + step
              + " of axis "
              + axis
              + " of "
              + x.shape()
              + ", expected 0 <= from <= to <= "
              + dim
              + " and steps of 1 or more");
    }
    long[] dims = x.shape().toArray();
    long[] strides = x.strides();
    long first = from * strides[at];
    dims[at] = to == from ? 0 : (to - from - 1) / step + 1;
    // One element needs no step, and a huge one must not overflow.
    strides[at] = dims[at] < 2 ? strides[at] : strides[at] * step;
    return x.view(first, Shape.of(dims), strides);
  }

  static Tensor narrow(Tensor x, int axis, long start, long length) {
    int at = axis("narrow", x, axis);
    if (start < 0 || length < 0 || start > x.dim(at) - length) {
      throw TensorException.mismatch(
          "narrow: "
              + length
              + " from "
              + start
              + " of axis "
              + axis
              + " of "
              + x.shape()
              + ", which has "
              + x.dim(at));
    }
    return slice(x, at, start, start + length, 1);
  }

  static Tensor select(Tensor x, int axis, long index) {
    int at = axis("select", x, axis);
    long from = index < 0 ? index + x.dim(at) : index;
    if (from < 0 || from >= x.dim(at)) {
      throw TensorException.mismatch(
          "select: index "
              + index
              + " of axis "
              + axis
              + " of "
              + x.shape()
              + ", which has "
              + x.dim(at));
    }
    return x.view(
        from * x.stride(at), Shape.of(without(x.shape().toArray(), at)), without(x.strides(), at));
  }

  static Tensor expand(Tensor x, long... sizes) {
    int added = sizes.length - x.shape().rank();
    long[] dims = sizes.clone();
    long[] strides = new long[sizes.length];
    boolean fits = added >= 0;
    for (int i = 0; fits && i < dims.length; i++) {
      long dim = i < added ? 1 : x.dim(i - added);
      if (dims[i] == -1 && i >= added) {
        dims[i] = dim;
      }
      fits = dims[i] == dim || (dim == 1 && dims[i] >= 0);
      strides[i] = i < added || dims[i] != dim ? 0 : x.stride(i - added);
    }
    if (!fits) {
      throw TensorException.mismatch(
          "expand: "
              + x.shape()
              + " to "
              + Arrays.toString(sizes)
              + ", expected the same sizes from the last axis on, or any in place of 1");
    }
    return x.view(0, Shape.of(dims), strides);
  }

  static Tensor squeeze(Tensor x, int axis) {
    int at = axis("squeeze", x, axis);
    if (x.dim(at) != 1) {
      throw TensorException.mismatch(
          "squeeze: axis " + axis + " of " + x.shape() + " has " + x.dim(at) + ", expected 1");
    }
    return x.view(0, Shape.of(without(x.shape().toArray(), at)), without(x.strides(), at));
  }

  static Tensor unsqueeze(Tensor x, int axis) {
    int rank = x.shape().rank();
    int at = axis < 0 ? axis + rank + 1 : axis;
    if (at < 0 || at > rank) {
      throw TensorException.mismatch(
          "unsqueeze: axis "
              + axis
              + " of "
              + x.shape()
              + ", expected "
              + (-rank - 1)
              + " to "
              + rank);
    }
    long[] dims = new long[rank + 1];
    long[] strides = new long[rank + 1];
    for (int i = 0; i <= rank; i++) {
      dims[i] = i == at ? 1 : x.dim(i < at ? i : i - 1);
      strides[i] = i == at ? 1 : x.stride(i < at ? i : i - 1);
    }
    return x.view(0, Shape.of(dims), strides);
  }

  static Tensor reshape(Tensor x, long... sizes) {
    Shape to = Shape.of(inferred(x, sizes));
    if (to.elements() != x.elements()) {
      throw TensorException.mismatch(
          "reshape: "
              + x.shape()
              + " has "
              + x.elements()
              + " elements, "
              + to
              + " has "
              + to.elements());
    }
    if (x.isContiguous()) {
      return x.view(to);
    }
    long[] strides = Strides.reshaped(x.shape(), x.strides(), to);
    if (strides == null) {
      throw TensorException.mismatch(
          "reshape: "
              + x
              + " cannot be seen as "
              + to
              + " without a copy; reshape contiguous(memory)");
    }
    return x.view(0, to, strides);
  }

  private static long[] inferred(Tensor x, long[] sizes) {
    long[] dims = sizes.clone();
    int open = -1;
    long known = 1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == -1 && open < 0) {
        open = i;
      } else {
        known *= dims[i];
      }
    }
    if (open >= 0) {
      if (known <= 0 || x.elements() % known != 0) {
        throw TensorException.mismatch(
            "reshape: no size for -1 makes "
                + Arrays.toString(sizes)
                + " of the "
                + x.elements()
                + " elements of "
                + x.shape());
      }
      dims[open] = x.elements() / known;
    }
    return dims;
  }

  /** The axis, counted from the first. */
  static int axis(String op, Tensor x, int axis) {
    int rank = x.shape().rank();
    int at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
      throw TensorException.mismatch(
          op + ": axis " + axis + " of " + x.shape() + ", which has " + rank + " axes");
    }
    return at;
  }

  private static long[] without(long[] values, int at) {
    long[] rest = new long[values.length - 1];
    System.arraycopy(values, 0, rest, 0, at);
    System.arraycopy(values, at + 1, rest, at, rest.length - at);
    return rest;
  }
}
