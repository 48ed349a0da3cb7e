package dev.nagare.tensor.onednn;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Activations;
import dev.nagare.tensor.kernel.Attention;
import dev.nagare.tensor.kernel.Convolution;
import dev.nagare.tensor.kernel.Embedding;
import dev.nagare.tensor.kernel.Indexing;
import dev.nagare.tensor.kernel.KernelArguments;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.LayerNorm;
import dev.nagare.tensor.kernel.Normalization;
import dev.nagare.tensor.kernel.Pointwise;
import dev.nagare.tensor.kernel.Pooling;
import dev.nagare.tensor.kernel.Recurrent;
import dev.nagare.tensor.kernel.Reductions;
import dev.nagare.tensor.kernel.Softmax;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import org.jspecify.annotations.Nullable;

/**
 * {@link Kernels} whose F32 products and convolutions run in oneDNN, and most prepared ones; those
 * of BF16 where the processor has instructions for them; everything else is delegated.
 *
 * <p>Primitives, and the argument sets they are run with, belong to the thread that uses them: see
 * {@link ThreadMatmuls}.
 */
final class OneDnnKernels implements Kernels {
  /** Changes with every change of the choices here that changes a bit of a result. */
  private static final int TABLE_VERSION = 2;

  private static final ThreadLocal<ThreadMatmuls> MATMULS =
      ThreadLocal.withInitial(ThreadMatmuls::new);

  private final Kernels rest;
  private final Attention attention;
  private final String id;
  private final Convolution convolution;
  private final PreparedKernels prepared;
  private final boolean bf16 = OneDnn.hasBf16();

  OneDnnKernels(Kernels rest) {
    this.rest = rest;
    this.attention = rest.attention().with(new OneDnnStridedProduct(rest.attention().products()));
    this.id =
        "onednn "
            + OneDnn.version()
            + " isa-0x"
            + Integer.toHexString(OneDnn.isa())
            + " table-"
            + TABLE_VERSION
            + " and "
            + rest.id();
    this.convolution = new OneDnnConvolution(rest.convolution());
    this.prepared = new OneDnnPrepared(rest.prepared());
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
    return rest.pooling();
  }

  @Override
  public Normalization normalization() {
    return rest.normalization();
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
    boolean half = bf16 && a.dtype() == DType.BF16;
    if ((a.dtype() != DType.F32 && !half) || a.elements() == 0 || b.elements() == 0) {
      rest.matmul(a, transposeA, b, transposeB, bias, out, accumulate);
      return;
    }
    KernelArguments.matmul(a, transposeA, b, transposeB, bias, out, accumulate);
    MATMULS
        .get()
        .run(
            half,
            a.segment().address(),
            transposeA,
            b.segment().address(),
            transposeB,
            bias == null ? 0 : bias.segment().address(),
            out.segment().address(),
            accumulate,
            out.dim(0),
            out.dim(1),
            a.dim(transposeA ? 0 : 1));
  }

  @Override
  public void addColumnSums(Tensor x, Tensor out) {
    rest.addColumnSums(x, out);
  }

  @Override
  public void lstmForward(Tensor gates, Tensor weightHh, Tensor h0, Tensor c0, Tensor h, Tensor c) {
    rest.lstmForward(gates, weightHh, h0, c0, h, c);
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
    rest.lstmBackward(gates, weightHh, h0, c0, h, c, dh, dWeightHh, dh0, dc0);
  }

  @Override
  public void unary(Unary f, Tensor x, Tensor out) {
    rest.unary(f, x, out);
  }

  @Override
  public void unaryBackward(Unary f, Tensor x, Tensor y, Tensor dy, Tensor dx) {
    rest.unaryBackward(f, x, y, dy, dx);
  }

  @Override
  public void binary(Binary f, Tensor a, Tensor b, Tensor out) {
    rest.binary(f, a, b, out);
  }

  @Override
  public void axpy(double alpha, Tensor x, Tensor y) {
    rest.axpy(alpha, x, y);
  }

  @Override
  public void scale(double alpha, Tensor x) {
    rest.scale(alpha, x);
  }

  @Override
  public void clip(double limit, Tensor x) {
    rest.clip(limit, x);
  }

  @Override
  public double sum(Tensor x) {
    return rest.sum(x);
  }

  @Override
  public double sumOfSquares(Tensor x) {
    return rest.sumOfSquares(x);
  }

  @Override
  public void sgd(Tensor parameter, Tensor gradient, @Nullable Tensor velocity, SgdStep step) {
    rest.sgd(parameter, gradient, velocity, step);
  }

  @Override
  public void adam(Tensor parameter, Tensor gradient, Tensor m, Tensor v, AdamStep step) {
    rest.adam(parameter, gradient, m, v, step);
  }

  @Override
  public Activations activations() {
    return rest.activations();
  }

  @Override
  public Pointwise pointwise() {
    return rest.pointwise();
  }

  @Override
  public Reductions reductions() {
    return rest.reductions();
  }

  @Override
  public Indexing indexing() {
    return rest.indexing();
  }

  @Override
  public Softmax softmax() {
    return rest.softmax();
  }

  @Override
  public LayerNorm layerNorm() {
    return rest.layerNorm();
  }

  @Override
  public Embedding embedding() {
    return rest.embedding();
  }

  @Override
  public Attention attention() {
    return attention;
  }

  @Override
  public Recurrent recurrent() {
    return rest.recurrent();
  }

  @Override
  public PreparedKernels prepared() {
    return prepared;
  }
}
