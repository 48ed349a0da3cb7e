package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.KernelArguments.same;
import static dev.nagare.tensor.kernel.KernelArguments.writable;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** {@link Kernels} in plain Java: checks the arguments, then runs the loops of their dtype. */
final class PlainKernels implements Kernels {
  private final String id;
  private final Loops f32;
  private final Loops f64;
  private final Pointwise pointwise;
  private final Reductions reductions;
  private final Indexing indexing;
  private final Convolution convolution;
  private final Pooling pooling;
  private final Normalization normalization;
  private final Softmax softmax;
  private final LayerNorm layerNorm;
  private final Embedding embedding;
  private final Attention attention;
  private final Recurrent recurrent;
  private final Activations activations;
  private final PreparedKernels prepared;

  PlainKernels(
      String id,
      Loops f32,
      Loops f64,
      ImageLoops images,
      HeadLoops heads,
      TileLoops tiles,
      ChannelLoops channels) {
    this.id = id;
    this.f32 = f32;
    this.f64 = f64;
    this.pointwise = new PlainPointwise(f32.strided(), f64.strided());
    this.reductions = new PlainReductions(f32.strided(), f64.strided());
    this.indexing = new PlainIndexing(f32.strided(), f64.strided());
    this.convolution = new PlainConvolution(f32, f64);
    ImageLoops images64 = new ScalarImagesF64(f64);
    this.pooling = new PlainPooling(images, images64);
    this.normalization = new PlainNormalization(images, images64, Parts.ONE);
    this.softmax = new PlainSoftmax(f32.rows(), f64.rows());
    this.layerNorm = new PlainLayerNorm(f32, f64);
    this.embedding = new PlainEmbedding(f32, f64);
    this.attention = new PlainAttention(f32, f64);
    this.recurrent = new PlainRecurrent(f32, f64);
    this.activations = new PlainActivations(f32.activations(), f64.activations());
    this.prepared = new PlainPrepared(f32, heads, tiles, channels);
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Convolution convolution() {
    return convolution;
  }

  @Override
  public Pooling pooling() {
    return pooling;
  }

  @Override
  public Normalization normalization() {
    return normalization;
  }

  @Override
  public void matmul(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      @Nullable Tensor bias,
      Tensor out,
      boolean accumulate) {
    if (Widened.takes(a)) {
      try (Widened wide = Widened.begin("matmul")) {
        Tensor result = wide.of("out", out);
        Tensor left = wide.of("a", a);
        Tensor right = wide.of("b", b);
        Tensor shift = wide.ofOptional("bias", bias);
        matmul(left, transposeA, right, transposeB, shift, result, accumulate);
        wide.narrow("out", result, out);
      }
      return;
    }
    KernelArguments.matmul(a, transposeA, b, transposeB, bias, out, accumulate);
    Loops loops = loops("matmul", a);
    int m = size(out.dim(0));
    int n = size(out.dim(1));
    int k = size(a.dim(transposeA ? 0 : 1));
    MemorySegment to = out.segment();
    if (bias != null) {
      MemorySegment row = bias.segment();
      for (int i = 0; i < m; i++) {
        MemorySegment.copy(row, 0, to, i * row.byteSize(), row.byteSize());
      }
    } else if (!accumulate) {
      to.fill((byte) 0);
    }
    long right = address(b);
    if (transposeB) {
      right = Scratch.ofThread().bytes(b.segment().byteSize()).address();
      loops.transpose(address(b), right, n, k);
    }
    long aRow = transposeA ? 1 : k;
    long aColumn = transposeA ? m : 1;
    loops.product(address(a), aRow, aColumn, right, n, address(out), n, m, n, k);
  }

  @Override
  public void addColumnSums(Tensor x, Tensor out) {
    KernelArguments.addColumnSums(x, out);
    Loops loops = loops("addColumnSums", x);
    long n = x.dim(1);
    long row = n * x.dtype().bytes();
    for (long i = 0, rows = x.dim(0); i < rows; i++) {
      loops.binary(Binary.ADD, address(out), address(x) + i * row, address(out), n);
    }
  }

  @Override
  public void lstmForward(Tensor gates, Tensor weightHh, Tensor h0, Tensor c0, Tensor h, Tensor c) {
    KernelArguments.lstmForward(gates, weightHh, h0, c0, h, c);
    LstmSequence.forward(loops("lstmForward", gates), gates, weightHh, h0, c0, null, h, c);
  }

  @Override
  public void lstmBackward(
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      Tensor c0,
      Tensor h,
      Tensor c,
      Tensor dh,
      Tensor dWeightHh,
      Tensor dh0,
      Tensor dc0) {
    KernelArguments.lstmBackward(gates, weightHh, h0, c0, h, c, dh, dWeightHh, dh0, dc0);
    LstmSequence.backward(
        loops("lstmBackward", gates), gates, weightHh, h0, c0, null, h, c, dh, dWeightHh, dh0, dc0);
  }

  @Override
  public void unary(Unary f, Tensor x, Tensor out) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin("unary")) {
        Tensor result = wide.of("out", out);
        unary(f, wide.of("x", x), result);
        wide.narrow("out", result, out);
      }
      return;
    }
    same("unary", "out", out, "x", x);
    writable("unary", "out", out);
    loops("unary", x).unary(f, address(x), address(out), x.elements());
  }

  @Override
  public void unaryBackward(Unary f, Tensor x, Tensor y, Tensor dy, Tensor dx) {
    same("unaryBackward", "y", y, "x", x);
    same("unaryBackward", "dy", dy, "x", x);
    same("unaryBackward", "dx", dx, "x", x);
    writable("unaryBackward", "dx", dx);
    loops("unaryBackward", x)
        .unaryBackward(f, address(x), address(y), address(dy), address(dx), x.elements());
  }

  @Override
  public void binary(Binary f, Tensor a, Tensor b, Tensor out) {
    if (Widened.takes(a)) {
      try (Widened wide = Widened.begin("binary")) {
        Tensor result = wide.of("out", out);
        binary(f, wide.of("a", a), wide.of("b", b), result);
        wide.narrow("out", result, out);
      }
      return;
    }
    same("binary", "b", b, "a", a);
    same("binary", "out", out, "a", a);
    writable("binary", "out", out);
    loops("binary", a).binary(f, address(a), address(b), address(out), a.elements());
  }

  @Override
  public void axpy(double alpha, Tensor x, Tensor y) {
    same("axpy", "y", y, "x", x);
    writable("axpy", "y", y);
    loops("axpy", x).axpy(alpha, address(x), address(y), x.elements());
  }

  @Override
  public void scale(double alpha, Tensor x) {
    writable("scale", "x", x);
    loops("scale", x).scale(alpha, address(x), x.elements());
  }

  @Override
  public void clip(double limit, Tensor x) {
    KernelArguments.clip(limit);
    writable("clip", "x", x);
    loops("clip", x).clip(limit, address(x), x.elements());
  }

  @Override
  public double sum(Tensor x) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin("sum")) {
        return sum(wide.of("x", x));
      }
    }
    return loops("sum", x).sum(address(x), x.elements());
  }

  @Override
  public double sumOfSquares(Tensor x) {
    return loops("sumOfSquares", x).sumOfSquares(address(x), x.elements());
  }

  @Override
  public void sgd(Tensor parameter, Tensor gradient, @Nullable Tensor velocity, SgdStep step) {
    same("sgd", "gradient", gradient, "parameter", parameter);
    writable("sgd", "parameter", parameter);
    Loops loops = loops("sgd", parameter);
    long n = parameter.elements();
    if (velocity == null) {
      loops.sgd(address(parameter), address(gradient), step, n);
    } else {
      same("sgd", "velocity", velocity, "parameter", parameter);
      writable("sgd", "velocity", velocity);
      loops.sgd(address(parameter), address(gradient), address(velocity), step, n);
    }
  }

  @Override
  public void adam(Tensor parameter, Tensor gradient, Tensor m, Tensor v, AdamStep step) {
    same("adam", "gradient", gradient, "parameter", parameter);
    same("adam", "m", m, "parameter", parameter);
    same("adam", "v", v, "parameter", parameter);
    writable("adam", "parameter", parameter);
    writable("adam", "m", m);
    writable("adam", "v", v);
    loops("adam", parameter)
        .adam(
            address(parameter),
            address(gradient),
            address(m),
            address(v),
            step,
            parameter.elements());
  }

  @Override
  public Activations activations() {
    return activations;
  }

  @Override
  public Pointwise pointwise() {
    return pointwise;
  }

  @Override
  public Reductions reductions() {
    return reductions;
  }

  @Override
  public Indexing indexing() {
    return indexing;
  }

  @Override
  public Softmax softmax() {
    return softmax;
  }

  @Override
  public LayerNorm layerNorm() {
    return layerNorm;
  }

  @Override
  public Embedding embedding() {
    return embedding;
  }

  @Override
  public Attention attention() {
    return attention;
  }

  @Override
  public Recurrent recurrent() {
    return recurrent;
  }

  @Override
  public PreparedKernels prepared() {
    return prepared;
  }

  private Loops loops(String op, Tensor x) {
    return KernelArguments.ofDtype(op, x, f32, f64);
  }

  private static long address(Tensor x) {
    return x.segment().address();
  }

  static int size(long dim) {
    if (dim > Integer.MAX_VALUE) {
      throw TensorException.mismatch("an axis has at most 2^31 - 1 elements, got " + dim);
    }
    return (int) dim;
  }
}
