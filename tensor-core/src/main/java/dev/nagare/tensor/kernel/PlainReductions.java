package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.StridedArguments.apart;
import static dev.nagare.tensor.kernel.StridedArguments.broadcasts;
import static dev.nagare.tensor.kernel.StridedArguments.dtype;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/** {@link Reductions} in plain Java. */
final class PlainReductions implements Reductions {
  private final StridedLoops f32;
  private final StridedLoops f64;

  PlainReductions(StridedLoops f32, StridedLoops f64) {
    this.f32 = f32;
    this.f64 = f64;
  }

  @Override
  public void addSum(double alpha, Tensor x, Tensor y) {
    String op = "addSum";
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin(op)) {
        Tensor sum = wide.of("y", y);
        addSum(alpha, wide.of("x", x), sum);
        wide.narrow("y", sum, y);
      }
      return;
    }
    StridedLoops loops = KernelArguments.ofDtype(op, x, f32, f64);
    check(op, "y", x, y);
    int bytes = x.dtype().bytes();
    long from = x.base().address();
    long to = y.base().address();
    Nest nest = Nest.over(x.shape(), x, y);
    for (boolean more = nest.isNotEmpty(); more; more = nest.next()) {
      long row = from + bytes * nest.at(0);
      long sum = to + bytes * nest.at(1);
      if (nest.step(1) == 0) {
        loops.addSum(alpha, row, nest.step(0), sum, nest.length());
      } else {
        loops.add(alpha, row, nest.step(0), sum, nest.step(1), nest.length());
      }
    }
  }

  @Override
  public void extreme(boolean max, Tensor x, Tensor out) {
    String op = max ? "max" : "min";
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin(op)) {
        Tensor result = wide.of("out", out);
        extreme(max, wide.of("x", x), result);
        wide.narrow("out", result, out);
      }
      return;
    }
    StridedLoops loops = KernelArguments.ofDtype(op, x, f32, f64);
    check(op, "out", x, out);
    if (x.elements() == 0 && out.elements() > 0) {
      throw TensorException.mismatch(op + ": of no element, in " + x.shape());
    }
    out.fill(max ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
    int bytes = x.dtype().bytes();
    long from = x.base().address();
    long to = out.base().address();
    Nest nest = Nest.over(x.shape(), x, out);
    for (boolean more = nest.isNotEmpty(); more; more = nest.next()) {
      loops.extreme(
          max,
          from + bytes * nest.at(0),
          nest.step(0),
          to + bytes * nest.at(1),
          nest.step(1),
          nest.length());
    }
  }

  private static void check(String op, String name, Tensor x, Tensor y) {
    dtype(op, name, y, x.dtype());
    broadcasts(op, name, y, x.shape());
    apart(op, name, y, "x", x);
    KernelArguments.writable(op, name, y);
  }

  @Override
  public void argExtreme(boolean max, Tensor x, int axis, Tensor out) {
    String op = max ? "argMax" : "argMin";
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin(op)) {
        argExtreme(max, wide.of("x", x), axis, out);
      }
      return;
    }
    StridedLoops loops = KernelArguments.ofDtype(op, x, f32, f64);
    dtype(op, "out", out, DType.I64);
    KernelArguments.writable(op, "out", out);
    apart(op, "out", out, "x", x);
    long n = x.dim(axis);
    boolean fits = n > 0 && out.shape().rank() == x.shape().rank();
    int at = axis < 0 ? axis + x.shape().rank() : axis;
    for (int i = 0; fits && i < x.shape().rank(); i++) {
      fits = out.dim(i) == (i == at ? 1 : x.dim(i));
    }
    if (!fits) {
      throw TensorException.mismatch(
          op + ": along axis " + axis + " of " + x.shape() + " into " + out.shape());
    }
    long step = x.stride(axis);
    int bytes = x.dtype().bytes();
    long from = x.base().address();
    long to = out.segment().address();
    Nest nest = Nest.over(out.shape(), out, out, x, at);
    for (boolean more = nest.isNotEmpty(); more; more = nest.next()) {
      for (long i = 0; i < nest.length(); i++) {
        long row = from + bytes * (nest.at(2) + i * nest.step(2));
        Addresses.setLong(to, nest.at(0) + i, loops.argExtreme(max, row, step, n));
      }
    }
  }
}
