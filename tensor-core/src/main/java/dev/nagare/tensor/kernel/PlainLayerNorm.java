package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.KernelArguments.apart;
import static dev.nagare.tensor.kernel.KernelArguments.dtype;
import static dev.nagare.tensor.kernel.KernelArguments.same;
import static dev.nagare.tensor.kernel.KernelArguments.shape;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/** {@link LayerNorm} in plain Java: checks the arguments, then runs the loops of their dtype. */
final class PlainLayerNorm implements LayerNorm {
  private final Loops f32;
  private final Loops f64;

  PlainLayerNorm(Loops f32, Loops f64) {
    this.f32 = f32;
    this.f64 = f64;
  }

  @Override
  public void forward(
      Tensor x, Tensor gamma, Tensor beta, double epsilon, Tensor out, Tensor normal, Tensor rstd) {
    String op = "layerNorm";
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin(op)) {
        Tensor result = wide.of("out", out);
        Tensor normals = wide.of("normal", normal);
        Tensor factors = wide.of("rstd", rstd);
        Tensor scale = wide.of("gamma", gamma);
        Tensor shift = wide.of("beta", beta);
        forward(wide.of("x", x), scale, shift, epsilon, result, normals, factors);
        wide.narrow("out", result, out);
        wide.narrow("normal", normals, normal);
        wide.narrow("rstd", factors, rstd);
      }
      return;
    }
    long n = columns(op, x);
    parameter(op, "gamma", gamma, x);
    parameter(op, "beta", beta, x);
    if (!(epsilon >= 0)) {
      throw TensorException.mismatch(op + ": expected epsilon of 0 or more, got " + epsilon);
    }
    same(op, "out", out, "x", x);
    same(op, "normal", normal, "x", x);
    rows(op, rstd, x);
    apart(op, "normal", normal, "x", x);
    apart(op, "normal", normal, "out", out);
    apart(op, "out", out, "x", x);
    KernelArguments.writable(op, "rstd", rstd);
    StridedArguments.apart(op, "rstd", rstd, "x", x);
    StridedArguments.apart(op, "rstd", rstd, "out", out);
    StridedArguments.apart(op, "rstd", rstd, "normal", normal);
    RowLoops loops = loops(x).rows();
    long scale = gamma.segment().address();
    long shift = beta.segment().address();
    long bytes = n * x.dtype().bytes();
    for (long r = 0, rows = rstd.elements(); r < rows; r++) {
      long row = x.segment().address() + r * bytes;
      double mean = rounded(x, loops.sum(row, n) / n);
      double variance = loops.squaredDistances(mean, row, n) / n;
      double factor = rounded(x, 1 / Math.sqrt(variance + epsilon));
      rstd.set(r, factor);
      loops.normalize(
          mean,
          factor,
          row,
          scale,
          shift,
          normal.segment().address() + r * bytes,
          out.segment().address() + r * bytes,
          n);
    }
  }

  @Override
  public void backward(Tensor normal, Tensor rstd, Tensor gamma, Tensor dy, Tensor dx) {
    String op = "layerNormBackward";
    long n = columns(op, normal);
    parameter(op, "gamma", gamma, normal);
    rows(op, rstd, normal);
    same(op, "dy", dy, "normal", normal);
    same(op, "dx", dx, "normal", normal);
    apart(op, "dx", dx, "normal", normal);
    apart(op, "dx", dx, "dy", dy);
    RowLoops loops = loops(normal).rows();
    long scale = gamma.segment().address();
    long bytes = n * normal.dtype().bytes();
    for (long r = 0, rows = rstd.elements(); r < rows; r++) {
      long hat = normal.segment().address() + r * bytes;
      long up = dy.segment().address() + r * bytes;
      double first = loops.dot(up, scale, n) / n;
      double second = loops.dot(up, scale, hat, n) / n;
      long to = dx.segment().address() + r * bytes;
      loops.addNormSlopes(rstd.get(r), first, second, hat, scale, up, to, n);
    }
  }

  @Override
  public void backwardParameters(Tensor normal, Tensor dy, Tensor dGamma, Tensor dBeta) {
    String op = "layerNormBackward";
    long n = columns(op, normal);
    same(op, "dy", dy, "normal", normal);
    parameter(op, "dGamma", dGamma, normal);
    parameter(op, "dBeta", dBeta, normal);
    apart(op, "dGamma", dGamma, "dBeta", dBeta);
    apart(op, "dGamma", dGamma, "dy", dy);
    apart(op, "dGamma", dGamma, "normal", normal);
    apart(op, "dBeta", dBeta, "dy", dy);
    apart(op, "dBeta", dBeta, "normal", normal);
    Loops loops = loops(normal);
    long bytes = n * normal.dtype().bytes();
    long toGamma = dGamma.segment().address();
    long toBeta = dBeta.segment().address();
    for (long at = 0, end = normal.segment().byteSize(); at < end; at += bytes) {
      long up = dy.segment().address() + at;
      loops.rows().addProducts(up, normal.segment().address() + at, toGamma, n);
      loops.binary(Kernels.Binary.ADD, toBeta, up, toBeta, n);
    }
  }

  private Loops loops(Tensor x) {
    return x.dtype() == DType.F32 ? f32 : f64;
  }

  private static double rounded(Tensor x, double value) {
    return x.dtype() == DType.F32 ? (float) value : value;
  }

  private static long columns(String op, Tensor x) {
    KernelArguments.floating(op, "x", x);
    if (x.shape().rank() == 0 || x.dim(-1) == 0) {
      throw TensorException.mismatch(op + ": expected x [.., C] with C >= 1, got " + x);
    }
    return x.dim(-1);
  }

  private static void parameter(String op, String name, Tensor parameter, Tensor x) {
    dtype(op, name, parameter, x);
    shape(op, name, parameter, x.dim(-1));
  }

  private static void rows(String op, Tensor rstd, Tensor x) {
    dtype(op, "rstd", rstd, x);
    if (rstd.elements() * x.dim(-1) != x.elements()) {
      throw TensorException.mismatch(
          op + ": expected one rstd for each row of " + x.shape() + ", got " + rstd.shape());
    }
  }
}
