package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.StridedArguments.apart;
import static dev.nagare.tensor.kernel.StridedArguments.dtype;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** {@link Indexing} in plain Java. */
final class PlainIndexing implements Indexing {
  private final StridedLoops f32;
  private final StridedLoops f64;

  PlainIndexing(StridedLoops f32, StridedLoops f64) {
    this.f32 = f32;
    this.f64 = f64;
  }

  @Override
  public void gather(Tensor x, int axis, Tensor index, Tensor out) {
    String op = "gather";
    dtype(op, "out", out, x.dtype());
    check(op, x, axis, index, out, "out");
    KernelArguments.writable(op, "out", out);
    apart(op, "out", out, "x", x);
    apart(op, "out", out, "index", index);
    if (index.elements() == 0) {
      return;
    }
    int bytes = x.dtype().bytes();
    long stride = x.stride(axis);
    long from = x.base().address();
    long which = index.base().address();
    long to = out.base().address();
    Nest nest = Nest.over(index.shape(), out, index, x, axis(x, axis));
    for (boolean more = true; more; more = nest.next()) {
      long read = from + bytes * nest.at(2);
      long write = to + bytes * nest.at(0);
      long n = nest.length();
      if (nest.step(1) == 0 && nest.step(0) == 1 && nest.step(2) == 1) {
        long at = Addresses.getLong(which, nest.at(1)) * stride;
        MemorySegment.copy(Addresses.ALL, read + bytes * at, Addresses.ALL, write, bytes * n);
        continue;
      }
      for (long i = 0; i < n; i++) {
        long at = Addresses.getLong(which, nest.at(1) + i * nest.step(1)) * stride;
        copy(bytes, read + bytes * (i * nest.step(2) + at), write + bytes * i * nest.step(0));
      }
    }
  }

  private static void copy(int bytes, long from, long to) {
    MemorySegment all = Addresses.ALL;
    switch (bytes) {
      case 1 -> all.set(ValueLayout.JAVA_BYTE, to, all.get(ValueLayout.JAVA_BYTE, from));
      case 2 ->
          all.set(
              ValueLayout.JAVA_SHORT_UNALIGNED,
              to,
              all.get(ValueLayout.JAVA_SHORT_UNALIGNED, from));
      case 4 ->
          all.set(
              ValueLayout.JAVA_INT_UNALIGNED, to, all.get(ValueLayout.JAVA_INT_UNALIGNED, from));
      default ->
          all.set(
              ValueLayout.JAVA_LONG_UNALIGNED, to, all.get(ValueLayout.JAVA_LONG_UNALIGNED, from));
    }
  }

  @Override
  public void scatterAdd(Tensor x, int axis, Tensor index, Tensor out) {
    String op = "scatterAdd";
    StridedLoops loops = KernelArguments.ofDtype(op, x, f32, f64);
    dtype(op, "out", out, x.dtype());
    check(op, out, axis, index, x, "x");
    KernelArguments.writable(op, "out", out);
    apart(op, "out", out, "x", x);
    apart(op, "out", out, "index", index);
    if (index.elements() == 0) {
      return;
    }
    int bytes = x.dtype().bytes();
    long stride = out.stride(axis);
    long from = x.base().address();
    long which = index.base().address();
    long to = out.base().address();
    Nest nest = Nest.over(index.shape(), x, index, out, axis(out, axis));
    for (boolean more = true; more; more = nest.next()) {
      long read = from + bytes * nest.at(0);
      long write = to + bytes * nest.at(2);
      long n = nest.length();
      if (nest.step(1) == 0 && nest.step(2) != 0) {
        long at = Addresses.getLong(which, nest.at(1)) * stride;
        loops.add(1, read, nest.step(0), write + bytes * at, nest.step(2), n);
        continue;
      }
      for (long i = 0; i < n; i++) {
        long at = Addresses.getLong(which, nest.at(1) + i * nest.step(1)) * stride;
        loops.add(
            1, read + bytes * i * nest.step(0), 1, write + bytes * (i * nest.step(2) + at), 1, 1);
      }
    }
  }

  private static int axis(Tensor table, int axis) {
    return axis < 0 ? axis + table.shape().rank() : axis;
  }

  private static void check(
      String op, Tensor table, int axis, Tensor index, Tensor values, String name) {
    dtype(op, "index", index, DType.I64);
    int rank = table.shape().rank();
    int at = axis(table, axis);
    boolean fits =
        at >= 0
            && at < rank
            && index.shape().rank() == rank
            && values.shape().equals(index.shape());
    for (int i = 0; fits && i < rank; i++) {
      fits = i == at || index.dim(i) <= table.dim(i);
    }
    if (!fits) {
      throw TensorException.mismatch(
          op
              + ": index "
              + index.shape()
              + " and "
              + name
              + " "
              + values.shape()
              + " along axis "
              + axis
              + " of "
              + table.shape()
              + ", expected equal shapes that are no larger along the other axes");
    }
    long size = table.dim(at);
    long which = index.base().address();
    Nest nest = Nest.over(index.shape(), index, index);
    for (boolean more = nest.isNotEmpty(); more; more = nest.next()) {
      for (long i = 0; i < nest.length(); i++) {
        long chosen = Addresses.getLong(which, nest.at(0) + i * nest.step(0));
        if (chosen < 0 || chosen >= size) {
          throw TensorException.mismatch(
              op + ": index " + chosen + " along axis " + axis + " of " + table.shape());
        }
      }
    }
  }
}
