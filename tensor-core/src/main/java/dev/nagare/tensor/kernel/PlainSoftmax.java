package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.KernelArguments.apart;
import static dev.nagare.tensor.kernel.KernelArguments.same;
import static dev.nagare.tensor.kernel.KernelArguments.writable;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/** {@link Softmax} in plain Java: checks the arguments, then runs the loops of their dtype. */
final class PlainSoftmax implements Softmax {
  private final RowLoops f32;
  private final RowLoops f64;

  PlainSoftmax(RowLoops f32, RowLoops f64) {
    this.f32 = f32;
    this.f64 = f64;
  }

  @Override
  public void forward(Tensor x, Tensor out) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin("softmax")) {
        Tensor result = wide.of("out", out);
        forward(wide.of("x", x), result);
        wide.narrow("out", result, out);
      }
      return;
    }
    long n = columns("softmax", x);
    same("softmax", "out", out, "x", x);
    writable("softmax", "out", out);
    RowLoops loops = loops(x);
    long bytes = n * x.dtype().bytes();
    long from = x.segment().address();
    long to = out.segment().address();
    for (long end = from + x.segment().byteSize(); from < end; from += bytes, to += bytes) {
      double max = loops.max(from, n);
      loops.scale(1 / loops.expSum(max, from, to, n), to, n);
    }
  }

  @Override
  public void backward(Tensor y, Tensor dy, Tensor dx) {
    long n = slopes("softmaxBackward", y, dy, dx);
    RowLoops loops = loops(y);
    long bytes = n * y.dtype().bytes();
    long result = y.segment().address();
    long up = dy.segment().address();
    long to = dx.segment().address();
    for (long at = 0, end = y.segment().byteSize(); at < end; at += bytes) {
      double dot = loops.dot(result + at, up + at, n);
      loops.addSoftmaxSlopes(dot, result + at, up + at, to + at, n);
    }
  }

  @Override
  public void logForward(Tensor x, Tensor out) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin("logSoftmax")) {
        Tensor result = wide.of("out", out);
        logForward(wide.of("x", x), result);
        wide.narrow("out", result, out);
      }
      return;
    }
    long n = columns("logSoftmax", x);
    same("logSoftmax", "out", out, "x", x);
    apart("logSoftmax", "out", out, "x", x);
    RowLoops loops = loops(x);
    long bytes = n * x.dtype().bytes();
    long from = x.segment().address();
    long to = out.segment().address();
    for (long end = from + x.segment().byteSize(); from < end; from += bytes, to += bytes) {
      double max = loops.max(from, n);
      double log = StrictMath.log(loops.expSum(max, from, to, n));
      // Two steps, since the logarithm is small beside a large maximum.
      loops.subtract(max, from, to, n);
      loops.subtract(log, to, to, n);
    }
  }

  @Override
  public void logBackward(Tensor y, Tensor dy, Tensor dx) {
    long n = slopes("logSoftmaxBackward", y, dy, dx);
    RowLoops loops = loops(y);
    long bytes = n * y.dtype().bytes();
    long result = y.segment().address();
    long up = dy.segment().address();
    long to = dx.segment().address();
    for (long at = 0, end = y.segment().byteSize(); at < end; at += bytes) {
      double sum = loops.sum(up + at, n);
      loops.addLogSoftmaxSlopes(sum, result + at, up + at, to + at, n);
    }
  }

  private RowLoops loops(Tensor x) {
    return x.dtype() == DType.F32 ? f32 : f64;
  }

  private static long columns(String op, Tensor x) {
    KernelArguments.floating(op, "x", x);
    if (x.shape().rank() == 0) {
      throw TensorException.mismatch(op + ": expected x [.., C], got " + x);
    }
    return x.dim(-1);
  }

  private static long slopes(String op, Tensor y, Tensor dy, Tensor dx) {
    long n = columns(op, y);
    same(op, "dy", dy, "y", y);
    same(op, "dx", dx, "y", y);
    apart(op, "dx", dx, "y", y);
    apart(op, "dx", dx, "dy", dy);
    return n;
  }
}
