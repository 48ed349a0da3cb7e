package dev.nagare.tensor.onednn;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Convolution;
import dev.nagare.tensor.kernel.ConvolutionArguments;
import dev.nagare.tensor.kernel.Window;
import dev.nagare.tensor.onednn.ConvolutionPass.Kind;
import org.jspecify.annotations.Nullable;

/**
 * {@link Convolution} in oneDNN for F32, and the forward of BF16 where the processor multiplies it;
 * F64, what is empty and unusual windows are delegated.
 */
final class OneDnnConvolution implements Convolution {
  private static final ThreadLocal<ThreadConvolutions> OF_THREAD =
      ThreadLocal.withInitial(ThreadConvolutions::new);

  /** Strides and dilations. */
  private static final int MOST_STEP = 64;

  private final Convolution rest;
  private final boolean bf16 = OneDnn.hasBf16();

  OneDnnConvolution(Convolution rest) {
    this.rest = rest;
  }

  @Override
  public void forward(
      Window window, int groups, Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y) {
    ConvolutionArguments.forward(window, groups, x, weight, bias, y);
    if (isOurs(window, x, y)) {
      run(Kind.FORWARD, window, groups, x, weight, bias, y);
    } else if (bf16 && isOurs(window, DType.BF16, x, y)) {
      run(Kind.FORWARD_BF16, window, groups, x, weight, bias, y);
    } else {
      rest.forward(window, groups, x, weight, bias, y);
    }
  }

  @Override
  public void backwardData(
      Window window, int groups, Tensor dy, Tensor weight, Tensor dx, boolean accumulate) {
    ConvolutionArguments.backwardData(window, groups, dy, weight, dx);
    if (isOurs(window, dx, dy)) {
      run(accumulate ? Kind.DATA_ADDED : Kind.DATA, window, groups, dx, weight, null, dy);
    } else {
      rest.backwardData(window, groups, dy, weight, dx, accumulate);
    }
  }

  @Override
  public void backwardWeights(
      Window window, int groups, Tensor x, Tensor dy, Tensor dWeight, @Nullable Tensor dBias) {
    ConvolutionArguments.backwardWeights(window, groups, x, dy, dWeight, dBias);
    if (isOurs(window, x, dy)) {
      run(Kind.WEIGHTS, window, groups, x, dWeight, dBias, dy);
    } else {
      rest.backwardWeights(window, groups, x, dy, dWeight, dBias);
    }
  }

  private static boolean isOurs(Window window, Tensor x, Tensor y) {
    return isOurs(window, DType.F32, x, y);
  }

  private static boolean isOurs(Window window, DType dtype, Tensor x, Tensor y) {
    return x.dtype() == dtype && x.elements() > 0 && y.elements() > 0 && isUsual(window);
  }

  /**
   * Whether the window is one that networks have. Of others, random ones with steps of a million
   * and padding to match, one ended the process inside oneDNN's gradient of the input.
   */
  private static boolean isUsual(Window window) {
    int h = window.dilationH() * (window.kernelH() - 1);
    int w = window.dilationW() * (window.kernelW() - 1);
    return Math.max(window.top(), window.bottom()) <= h
        && Math.max(window.left(), window.right()) <= w
        && Math.max(window.strideH(), window.strideW()) <= MOST_STEP
        && Math.max(window.dilationH(), window.dilationW()) <= MOST_STEP;
  }

  private static void run(
      Kind kind,
      Window window,
      int groups,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Tensor y) {
    ThreadConvolutions convolutions = OF_THREAD.get();
    ConvolutionPass pass =
        convolutions.pass(
            kind,
            window,
            groups,
            x.dim(0),
            x.dim(1),
            x.dim(2),
            x.dim(3),
            weight.dim(0),
            bias != null);
    convolutions.run(
        pass,
        x.segment().address(),
        weight.segment().address(),
        bias == null ? 0 : bias.segment().address(),
        y.segment().address());
  }
}
