package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * What a window sees of an image, as a matrix: a row for each position, in it the kernel's elements
 * in the order row, column, channel. A convolution is then a product.
 *
 * <p>One object describes the images of a call; addresses are those of checked arguments.
 *
 * @param loops of the dtype
 * @param bytes of an element
 * @param window kernel, strides, dilations, padding
 * @param h rows of the image
 * @param w columns of the image
 * @param channels of the image
 * @param group channels of one group
 * @param outW positions in a row
 */
record Columns(
    Loops loops, int bytes, Window window, int h, int w, int channels, int group, int outW) {

  static Columns of(Loops loops, Window window, int groups, Tensor image) {
    int channels = PlainKernels.size(image.dim(3));
    return new Columns(
        loops,
        image.dtype().bytes(),
        window,
        PlainKernels.size(image.dim(1)),
        PlainKernels.size(image.dim(2)),
        channels,
        channels / groups,
        PlainKernels.size(window.outW(image.dim(2))));
  }

  /** Elements of a row of the matrix. */
  int width() {
    return window.taps() * group;
  }

  /** Whether the matrix is the image itself. */
  boolean isImage() {
    return group == channels
        && window.taps() == 1
        && window.strideH() == 1
        && window.strideW() == 1
        && window.top() + window.left() + window.bottom() + window.right() == 0;
  }

  /**
   * Writes rows {@code from} to {@code to} of positions.
   *
   * @param image address of the group's first channel of the image's first pixel
   */
  void gather(long image, long matrix, int from, int to) {
    Addresses.ALL.asSlice(matrix, (long) (to - from) * outW * width() * bytes).fill((byte) 0);
    walk(image, matrix, from, to, false);
  }

  /** Adds rows {@code from} to {@code to} of positions onto the image that they were seen in. */
  void scatter(long image, long matrix, int from, int to) {
    walk(image, matrix, from, to, true);
  }

  private void walk(long image, long matrix, int from, int to, boolean add) {
    long row = matrix;
    for (int p = from; p < to; p++) {
      for (int q = 0; q < outW; q++) {
        for (int i = 0; i < window.kernelH(); i++) {
          int y = p * window.strideH() + i * window.dilationH() - window.top();
          if (y >= 0 && y < h) {
            int x = q * window.strideW() - window.left();
            long line = image + (long) y * w * channels * bytes;
            long part = row + (long) i * window.kernelW() * group * bytes;
            if (group == channels && window.dilationW() == 1) {
              int first = Math.max(0, -x);
              int end = Math.min(window.kernelW(), w - x);
              run(line, part, x, first, end - first, add);
            } else {
              for (int j = 0; j < window.kernelW(); j++) {
                int at = x + j * window.dilationW();
                if (at >= 0 && at < w) {
                  run(line, part, at - j, j, 1, add);
                }
              }
            }
          }
        }
        row += (long) width() * bytes;
      }
    }
  }

  /** So many pixels of a line beginning with x + j, which the kernel's element j sees. */
  private void run(long line, long part, int x, int j, int pixels, boolean add) {
    if (pixels <= 0) {
      return;
    }
    long pixel = line + (long) (x + j) * channels * bytes;
    long column = part + (long) j * group * bytes;
    long n = (long) pixels * group;
    if (add) {
      loops.binary(Kernels.Binary.ADD, pixel, column, pixel, n);
    } else {
      MemorySegment.copy(Addresses.ALL, pixel, Addresses.ALL, column, n * bytes);
    }
  }
}
