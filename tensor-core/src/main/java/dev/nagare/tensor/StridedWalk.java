package dev.nagare.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The way through two views of one shape: what {@link StridedCopy} prepares. Its arrays are kept
 * when it is set for other views, so that a copy that runs once leaves nothing behind.
 */
final class StridedWalk {
  /** Elements on a side of a tile: a cache line of floats. */
  private static final long TILE = 16;

  private int bytes;
  private long first;
  private long[] dims = new long[8];
  private long[] from = new long[8];
  private long[] to = new long[8];
  private int rank;

  /** From a view to another one. */
  void set(Tensor source, Tensor target) {
    begin(target, 0);
    for (int axis = 0; axis < rank; axis++) {
      from[axis] = source.stride(axis);
    }
    prepare();
  }

  /** From where these strides lead. */
  void set(long start, long[] strides, Tensor target) {
    begin(target, start);
    System.arraycopy(strides, 0, from, 0, rank);
    prepare();
  }

  private void begin(Tensor target, long start) {
    bytes = target.dtype().bytes();
    first = start;
    rank = target.shape().rank();
    if (rank > dims.length) {
      dims = new long[rank];
      from = new long[rank];
      to = new long[rank];
    }
    for (int axis = 0; axis < rank; axis++) {
      dims[axis] = target.dim(axis);
      to[axis] = target.stride(axis);
    }
  }

  private void prepare() {
    sort();
    merge();
    tile();
  }

  /** Copies; there is at least one element. */
  void run(MemorySegment read, MemorySegment write) {
    if (rank == 0) {
      MemorySegment.copy(read, first * bytes, write, 0, bytes);
    } else {
      run(read, write, 0, first, 0);
    }
  }

  /** Puts the axes in the order in which the target lies, the fastest last. */
  private void sort() {
    for (int i = 1; i < rank; i++) {
      for (int j = i; j > 0 && to[j - 1] < to[j]; j--) {
        swap(j - 1, j);
      }
    }
  }

  private void swap(int a, int b) {
    swap(dims, a, b);
    swap(from, a, b);
    swap(to, a, b);
  }

  private static void swap(long[] values, int a, int b) {
    long value = values[a];
    values[a] = values[b];
    values[b] = value;
  }

  private void merge() {
    int last = 0;
    for (int axis = 0; axis < rank; axis++) {
      if (dims[axis] == 1) {
        continue;
      }
      if (last > 0
          && from[last - 1] == dims[axis] * from[axis]
          && to[last - 1] == dims[axis] * to[axis]) {
        dims[last - 1] *= dims[axis];
        from[last - 1] = from[axis];
        to[last - 1] = to[axis];
      } else {
        dims[last] = dims[axis];
        from[last] = from[axis];
        to[last] = to[axis];
        last++;
      }
    }
    rank = last;
  }

  /** Brings the axis along which the source lies to the place before the last, to be tiled. */
  private void tile() {
    if (rank < 2 || Math.abs(from[rank - 1]) == 1) {
      return;
    }
    for (int axis = rank - 2; axis >= 0; axis--) {
      if (from[axis] == 1) {
        for (int i = axis; i < rank - 2; i++) {
          swap(i, i + 1);
        }
        return;
      }
    }
  }

  private void run(MemorySegment read, MemorySegment write, int axis, long in, long out) {
    if (axis == rank - 1) {
      line(read, in, from[axis], write, out, to[axis], dims[axis]);
    } else if (axis == rank - 2 && from[axis] == 1 && from[rank - 1] != 1) {
      tiles(read, write, in, out);
    } else {
      for (long i = 0; i < dims[axis]; i++) {
        run(read, write, axis + 1, in + i * from[axis], out + i * to[axis]);
      }
    }
  }

  private void tiles(MemorySegment read, MemorySegment write, long in, long out) {
    int along = rank - 2;
    int across = rank - 1;
    for (long i = 0; i < dims[along]; i += TILE) {
      long rows = Math.min(TILE, dims[along] - i);
      for (long j = 0; j < dims[across]; j += TILE) {
        long columns = Math.min(TILE, dims[across] - j);
        for (long row = i; row < i + rows; row++) {
          line(
              read,
              in + row + j * from[across],
              from[across],
              write,
              out + row * to[along] + j * to[across],
              to[across],
              columns);
        }
      }
    }
  }

  private void line(
      MemorySegment read, long in, long step, MemorySegment write, long out, long stride, long n) {
    if (step == 1 && stride == 1) {
      MemorySegment.copy(read, in * bytes, write, out * bytes, n * bytes);
      return;
    }
    switch (bytes) {
      case 1 -> bytes(read, in, step, write, out, stride, n);
      case 2 -> shorts(read, in, step, write, out, stride, n);
      case 4 -> ints(read, in, step, write, out, stride, n);
      default -> longs(read, in, step, write, out, stride, n);
    }
  }

  private static void bytes(
      MemorySegment read, long in, long step, MemorySegment write, long out, long stride, long n) {
    for (long i = 0; i < n; i++) {
      byte value = read.get(ValueLayout.JAVA_BYTE, in + i * step);
      write.set(ValueLayout.JAVA_BYTE, out + i * stride, value);
    }
  }

  private static void shorts(
      MemorySegment read, long in, long step, MemorySegment write, long out, long stride, long n) {
    for (long i = 0; i < n; i++) {
      short value = read.getAtIndex(ValueLayout.JAVA_SHORT, in + i * step);
      write.setAtIndex(ValueLayout.JAVA_SHORT, out + i * stride, value);
    }
  }

  private static void ints(
      MemorySegment read, long in, long step, MemorySegment write, long out, long stride, long n) {
    for (long i = 0; i < n; i++) {
      int value = read.getAtIndex(ValueLayout.JAVA_INT, in + i * step);
      write.setAtIndex(ValueLayout.JAVA_INT, out + i * stride, value);
    }
  }

  private static void longs(
      MemorySegment read, long in, long step, MemorySegment write, long out, long stride, long n) {
    for (long i = 0; i < n; i++) {
      long value = read.getAtIndex(ValueLayout.JAVA_LONG, in + i * step);
      write.setAtIndex(ValueLayout.JAVA_LONG, out + i * stride, value);
    }
  }
}
