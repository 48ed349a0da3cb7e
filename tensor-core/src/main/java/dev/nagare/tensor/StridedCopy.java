package dev.nagare.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies elements between views of one dtype and shape, whatever their strides.
 *
 * <p>Axes that lie one after the other in both views are walked as one, so that two dense views
 * whose axes have the same order are one copy of bytes.
 */
final class StridedCopy {
  private final int bytes;
  private final MemorySegment source;
  private final MemorySegment target;
  private final long[] dims;
  private final long[] from;
  private final long[] to;
  private int rank;

  private StridedCopy(
      int bytes, Shape shape, MemorySegment source, long[] from, MemorySegment target, long[] to) {
    this.bytes = bytes;
    this.source = source;
    this.target = target;
    this.dims = shape.toArray();
    this.from = from.clone();
    this.to = to.clone();
    merge();
  }

  /** Copies all elements of {@code source} to the same positions of {@code target}. */
  static void run(Tensor source, Tensor target) {
    if (target.elements() == 0) {
      return;
    }
    int bytes = target.dtype().bytes();
    MemorySegment read = source.base();
    MemorySegment write = target.base();
    long[] from = source.strides();
    long[] to = target.strides();
    if (read.address() < write.address() + write.byteSize()
        && write.address() < read.address() + read.byteSize()) {
      // They may share elements: none is to be overwritten before it was read.
      MemorySegment held = MemorySegment.ofArray(new long[words(source.elements() * bytes)]);
      long[] dense = Strides.rowMajor(source.shape());
      new StridedCopy(bytes, source.shape(), read, from, held, dense).run(0, 0, 0);
      read = held;
      from = dense;
    }
    new StridedCopy(bytes, target.shape(), read, from, write, to).run(0, 0, 0);
  }

  private static int words(long size) {
    return Math.toIntExact((size + 7) / 8);
  }

  private void merge() {
    int last = 0;
    for (int axis = 0; axis < dims.length; axis++) {
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

  private void run(int axis, long read, long write) {
    if (rank == 0) {
      MemorySegment.copy(source, 0, target, 0, bytes);
    } else if (axis == rank - 1) {
      line(read, write, dims[axis], from[axis], to[axis]);
    } else {
      for (long i = 0; i < dims[axis]; i++) {
        run(axis + 1, read + i * from[axis], write + i * to[axis]);
      }
    }
  }

  private void line(long read, long write, long n, long step, long stride) {
    if (step == 1 && stride == 1) {
      MemorySegment.copy(source, read * bytes, target, write * bytes, n * bytes);
      return;
    }
    switch (bytes) {
      case 1 -> bytes(read, write, n, step, stride);
      case 2 -> shorts(read, write, n, step, stride);
      case 4 -> ints(read, write, n, step, stride);
      default -> longs(read, write, n, step, stride);
    }
  }

  private void bytes(long read, long write, long n, long step, long stride) {
    for (long i = 0; i < n; i++) {
      byte value = source.get(ValueLayout.JAVA_BYTE, read + i * step);
      target.set(ValueLayout.JAVA_BYTE, write + i * stride, value);
    }
  }

  private void shorts(long read, long write, long n, long step, long stride) {
    for (long i = 0; i < n; i++) {
      short value = source.getAtIndex(ValueLayout.JAVA_SHORT, read + i * step);
      target.setAtIndex(ValueLayout.JAVA_SHORT, write + i * stride, value);
    }
  }

  private void ints(long read, long write, long n, long step, long stride) {
    for (long i = 0; i < n; i++) {
      int value = source.getAtIndex(ValueLayout.JAVA_INT, read + i * step);
      target.setAtIndex(ValueLayout.JAVA_INT, write + i * stride, value);
    }
  }

  private void longs(long read, long write, long n, long step, long stride) {
    for (long i = 0; i < n; i++) {
      long value = source.getAtIndex(ValueLayout.JAVA_LONG, read + i * step);
      target.setAtIndex(ValueLayout.JAVA_LONG, write + i * stride, value);
    }
  }
}
