package dev.nagare.tensor.kernel;

import dev.nagare.tensor.TensorException;

/**
 * How a kernel slides over the two spatial axes of an image: what convolutions and poolings share.
 *
 * <p>Padding is given for each side, since ONNX and PyTorch's {@code same} need unequal ones.
 * Dilation is PyTorch's: 1 for a dense kernel. No number is larger than 2²⁰. Immutable.
 *
 * @param kernelH rows of the kernel, at least 1
 * @param kernelW columns of the kernel, at least 1
 * @param strideH rows between positions, at least 1
 * @param strideW columns between positions, at least 1
 * @param dilationH rows between the kernel's rows, at least 1
 * @param dilationW columns between the kernel's columns, at least 1
 * @param top rows added above, at least 0
 * @param left columns added before, at least 0
 * @param bottom rows added below, at least 0
 * @param right columns added after, at least 0
 */
public record Window(
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int dilationH,
    int dilationW,
    int top,
    int left,
    int bottom,
    int right) {

  /** Beyond it a place in an image would no longer be an int, here and in oneDNN. */
  private static final int MOST = 1 << 20;

  public Window {
    between(1, "kernel", kernelH, kernelW);
    between(1, "stride", strideH, strideW);
    between(1, "dilation", dilationH, dilationW);
    between(0, "padding", top, left);
    between(0, "padding", bottom, right);
  }

  /** A dense kernel that moves by one and sees no padding. */
  public static Window of(int kernelH, int kernelW) {
    return new Window(kernelH, kernelW, 1, 1, 1, 1, 0, 0, 0, 0);
  }

  /** The same with these strides. */
  public Window stride(int h, int w) {
    return new Window(kernelH, kernelW, h, w, dilationH, dilationW, top, left, bottom, right);
  }

  /** The same with these dilations. */
  public Window dilation(int h, int w) {
    return new Window(kernelH, kernelW, strideH, strideW, h, w, top, left, bottom, right);
  }

  /** The same with so many rows above and below, and so many columns on both sides. */
  public Window padding(int h, int w) {
    return new Window(kernelH, kernelW, strideH, strideW, dilationH, dilationW, h, w, h, w);
  }

  /** {@code (H + top + bottom - dilationH · (kernelH - 1) - 1) / strideH + 1}, rounded down. */
  public long outH(long h) {
    return out(h + top + bottom, kernelH, strideH, dilationH);
  }

  /** {@code (W + left + right - dilationW · (kernelW - 1) - 1) / strideW + 1}, rounded down. */
  public long outW(long w) {
    return out(w + left + right, kernelW, strideW, dilationW);
  }

  /**
   * {@link #outH} rounded up, PyTorch's {@code ceil_mode}: one more where a window would begin in
   * the image or above it and reach beyond what is below.
   */
  public long ceilH(long h) {
    return ceil(outH(h), h, top, bottom, kernelH, strideH, dilationH);
  }

  /** {@link #outW} rounded up, as {@link #ceilH}. */
  public long ceilW(long w) {
    return ceil(outW(w), w, left, right, kernelW, strideW, dilationW);
  }

  private static long ceil(
      long floor, long size, int before, int after, int kernel, int stride, int dilation) {
    long reach = (long) dilation * (kernel - 1) + 1;
    boolean whole = (size + before + after - reach) % stride == 0;
    return floor > 0 && !whole && floor * stride < size + before ? floor + 1 : floor;
  }

  /** Number of positions of the kernel's elements. */
  int taps() {
    return kernelH * kernelW;
  }

  private static long out(long padded, int kernel, int stride, int dilation) {
    long reach = (long) dilation * (kernel - 1) + 1;
    return padded < reach ? 0 : (padded - reach) / stride + 1;
  }

  private static void between(int least, String what, int h, int w) {
    if (Math.min(h, w) < least || Math.max(h, w) > MOST) {
      throw TensorException.mismatch(
          "window: expected a "
              + what
              + " of at least "
              + least
              + " and at most "
              + MOST
              + ", got ["
              + h
              + ", "
              + w
              + "]");
    }
  }

  /** Such as {@code 3x3 stride 1x1 dilation 1x1 padding 1, 1, 1, 1}. */
  @Override
  public String toString() {
    return kernelH
        + "x"
        + kernelW
        + " stride "
        + strideH
        + "x"
        + strideW
        + " dilation "
        + dilationH
        + "x"
        + dilationW
        + " padding "
        + top
        + ", "
        + left
        + ", "
        + bottom
        + ", "
        + right;
  }
}
