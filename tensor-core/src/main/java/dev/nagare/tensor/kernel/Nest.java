package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/**
 * Walks views of one shape together, row by row, whatever their strides.
 *
 * <p>An operand is broadcast: axes it lacks in front and axes of size 1 repeat. Axes that lie one
 * after the other in every operand are walked as one, so contiguous operands are a single row. One
 * per thread, so that a call allocates nothing: a walk ends before the next begins.
 *
 * <pre>{@code
 * Nest nest = Nest.over(out.shape(), out, a, b);
 * for (boolean more = nest.isNotEmpty(); more; more = nest.next()) {
 *   row(nest.at(0), nest.at(1), nest.step(1), nest.at(2), nest.step(2), nest.length());
 * }
 * }</pre>
 */
final class Nest {
  private static final int OPERANDS = 4;
  private static final ThreadLocal<Nest> OF_THREAD = ThreadLocal.withInitial(Nest::new);

  private long[] dims = new long[8];
  private long[] index = new long[8];
  private final long[][] strides = new long[OPERANDS][8];
  private final long[] at = new long[OPERANDS];
  private int operands;
  private int rank;
  private boolean notEmpty;

  private Nest() {}

  static Nest over(Shape shape, Tensor a, Tensor b) {
    Nest nest = OF_THREAD.get();
    nest.begin(shape, 2);
    nest.put(0, shape, a);
    nest.put(1, shape, b);
    nest.merge();
    return nest;
  }

  static Nest over(Shape shape, Tensor a, Tensor b, Tensor c) {
    Nest nest = OF_THREAD.get();
    nest.begin(shape, 3);
    nest.put(0, shape, a);
    nest.put(1, shape, b);
    nest.put(2, shape, c);
    nest.merge();
    return nest;
  }

  static Nest over(Shape shape, Tensor a, Tensor b, Tensor c, Tensor d) {
    Nest nest = OF_THREAD.get();
    nest.begin(shape, 4);
    nest.put(0, shape, a);
    nest.put(1, shape, b);
    nest.put(2, shape, c);
    nest.put(3, shape, d);
    nest.merge();
    return nest;
  }

  /** A table goes along whose axis stays at 0; along the others it may be longer than the shape. */
  static Nest over(Shape shape, Tensor a, Tensor b, Tensor table, int axis) {
    Nest nest = OF_THREAD.get();
    nest.begin(shape, 3);
    nest.put(0, shape, a);
    nest.put(1, shape, b);
    nest.at[2] = 0;
    for (int i = 0; i < nest.rank; i++) {
      nest.strides[2][i] = i == axis ? 0 : table.stride(i);
    }
    nest.merge();
    return nest;
  }

  private void begin(Shape shape, int count) {
    rank = shape.rank();
    operands = count;
    notEmpty = shape.elements() > 0;
    if (rank > dims.length) {
      dims = new long[rank];
      index = new long[rank];
      for (int k = 0; k < OPERANDS; k++) {
        strides[k] = new long[rank];
      }
    }
    for (int axis = 0; axis < rank; axis++) {
      dims[axis] = shape.dim(axis);
    }
  }

  private void put(int k, Shape shape, Tensor x) {
    int missing = shape.rank() - x.shape().rank();
    at[k] = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      boolean repeats = axis < missing || x.dim(axis - missing) != shape.dim(axis);
      strides[k][axis] = repeats ? 0 : x.stride(axis - missing);
    }
  }

  private void merge() {
    int last = -1;
    for (int axis = 0; axis < rank; axis++) {
      if (dims[axis] == 1) {
        continue;
      }
      if (last >= 0 && follows(last, axis)) {
        dims[last] *= dims[axis];
      } else {
        last++;
        dims[last] = dims[axis];
        index[last] = 0;
      }
      for (int k = 0; k < operands; k++) {
        strides[k][last] = strides[k][axis];
      }
    }
    rank = last + 1;
  }

  private boolean follows(int outer, int inner) {
    for (int k = 0; k < operands; k++) {
      if (strides[k][outer] != dims[inner] * strides[k][inner]) {
        return false;
      }
    }
    return true;
  }

  /** Whether there is a row at all. */
  boolean isNotEmpty() {
    return notEmpty;
  }

  /** Elements of a row. */
  long length() {
    return rank == 0 ? 1 : dims[rank - 1];
  }

  /** Where the row begins in an operand, in elements from its first. */
  long at(int k) {
    return at[k];
  }

  /** Elements from one to the next of a row in an operand; 0 where it repeats. */
  long step(int k) {
    return rank == 0 ? 1 : strides[k][rank - 1];
  }

  /** Goes to the next row; false after the last. */
  boolean next() {
    for (int axis = rank - 2; axis >= 0; axis--) {
      if (++index[axis] < dims[axis]) {
        for (int k = 0; k < operands; k++) {
          at[k] += strides[k][axis];
        }
        return true;
      }
      index[axis] = 0;
      for (int k = 0; k < operands; k++) {
        at[k] -= (dims[axis] - 1) * strides[k][axis];
      }
    }
    return false;
  }
}
