package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.Window;
import java.util.List;

/**
 * {@code y = post(convolution(x, weight) + bias)}, as {@link dev.nagare.tensor.kernel.Convolution}.
 *
 * <p>Images are contiguous {@code [N, H, W, C]}; the weight comes as F32, contiguous {@code [O, C /
 * groups, kernelH, kernelW]}. One dimension is H = kernelH = 1. The weight is packed in the same
 * way for every {@code n}.
 *
 * @param n images
 * @param h rows of x
 * @param w columns of x
 * @param c channels of x
 * @param o channels of y
 * @param window size, strides, dilations and padding
 * @param groups how many groups the channels of both sides fall into; C for depthwise
 * @param dtype of x and of the packed weight: F32, or BF16 with sums in F32
 * @param result dtype of y
 * @param bias whether a bias F32 {@code [O]} is added
 * @param post what follows
 * @param operands what the operands of the {@link PostOp.Combine}s among them are, in their order
 */
public record ConvolutionSpec(
    long n,
    long h,
    long w,
    long c,
    long o,
    Window window,
    int groups,
    DType dtype,
    DType result,
    boolean bias,
    List<PostOp> post,
    List<Operand> operands) {
  /** Copies the lists. */
  public ConvolutionSpec {
    post = List.copyOf(post);
    operands = List.copyOf(operands);
    Specs.positive("convolution", "images [N, H, W, C], channels and groups", n, h, w, c, o);
    Specs.groups(groups, c, o);
    Specs.seen("convolution", window, h, w);
    Specs.computable("convolution", dtype, result);
    Specs.operands("convolution", post, operands);
  }

  /**
   * How many rows of a result a kernel may compute together: an image may be computed in parts that
   * begin at multiples of it, and no bit tells where it was cut.
   */
  public static int rowsTogether(Window window) {
    return window.kernelH() == 3 && window.strideH() == 1 ? 4 : 1;
  }

  /** {@code [N, H', W', O]}. */
  public Shape output() {
    return Shape.of(n, window.outH(h), window.outW(w), o);
  }
}
