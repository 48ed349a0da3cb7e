package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * {@link Pooling} as loops over the channels of one pixel.
 *
 * <p>A sum is one chain in the order of rows and columns. Which pixel was the largest is not kept:
 * the backward sees it again by its value.
 */
final class PlainPooling implements Pooling {
  private final ImageLoops f32;
  private final ImageLoops f64;

  PlainPooling(ImageLoops f32, ImageLoops f64) {
    this.f32 = f32;
    this.f64 = f64;
  }

  @Override
  public void max(Window window, Tensor x, Tensor y) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin("maxPool")) {
        Tensor result = wide.of("y", y);
        max(window, wide.of("x", x), result);
        wide.narrow("y", result, y);
      }
      return;
    }
    PoolingArguments.window("maxPool", window, x, "y", y);
    KernelArguments.apart("maxPool", "y", y, "x", x);
    if (y.elements() == 0) {
      return;
    }
    ImageLoops loops = loops(x);
    Walk walk = new Walk(x, y);
    for (long p = 0; p < walk.positions; p++) {
      walk.window(window, p);
      boolean first = true;
      for (int i = walk.top; i < walk.bottom; i += window.dilationH()) {
        for (int j = walk.left; j < walk.right; j += window.dilationW()) {
          if (first) {
            MemorySegment.copy(
                Addresses.ALL, walk.pixel(i, j), Addresses.ALL, walk.result, walk.pixelBytes);
            first = false;
          } else {
            loops.maximum(walk.pixel(i, j), walk.result, walk.channels);
          }
        }
      }
      // A dilated window may step over a small image.
      for (long c = 0; first && c < walk.channels; c++) {
        loops.set(walk.result, c, Double.NEGATIVE_INFINITY);
      }
    }
  }

  @Override
  public void maxBackward(Window window, Tensor x, Tensor y, Tensor dy, Tensor dx) {
    String op = "maxPoolBackward";
    PoolingArguments.window(op, window, x, "y", y);
    KernelArguments.same(op, "dy", dy, "y", y);
    KernelArguments.same(op, "dx", dx, "x", x);
    KernelArguments.apart(op, "dx", dx, "x", x);
    KernelArguments.apart(op, "dx", dx, "y", y);
    KernelArguments.apart(op, "dx", dx, "dy", dy);
    if (y.elements() == 0) {
      return;
    }
    ImageLoops loops = loops(x);
    Walk walk = new Walk(x, y);
    long left = Scratch.ofThread().bytes(walk.pixelBytes).address();
    long up = dy.segment().address() - y.segment().address();
    long to = dx.segment().address() - x.segment().address();
    for (long p = 0; p < walk.positions; p++) {
      walk.window(window, p);
      MemorySegment.copy(Addresses.ALL, walk.result + up, Addresses.ALL, left, walk.pixelBytes);
      for (int i = walk.top; i < walk.bottom; i += window.dilationH()) {
        for (int j = walk.left; j < walk.right; j += window.dilationW()) {
          long pixel = walk.pixel(i, j);
          loops.maximumGradient(pixel, walk.result, left, pixel + to, walk.channels);
        }
      }
    }
  }

  @Override
  public void average(Window window, boolean includePadding, Tensor x, Tensor y) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin("averagePool")) {
        Tensor result = wide.of("y", y);
        average(window, includePadding, wide.of("x", x), result);
        wide.narrow("y", result, y);
      }
      return;
    }
    PoolingArguments.dense("averagePool", window);
    PoolingArguments.window("averagePool", window, x, "y", y);
    KernelArguments.apart("averagePool", "y", y, "x", x);
    if (y.elements() > 0) {
      Walk walk = new Walk(x, y);
      for (long p = 0; p < walk.positions; p++) {
        walk.window(window, p);
        mean(loops(x), walk, divisor(window, includePadding, walk));
      }
    }
  }

  @Override
  public void averageBackward(Window window, boolean includePadding, Tensor dy, Tensor dx) {
    PoolingArguments.dense("averagePoolBackward", window);
    PoolingArguments.window("averagePoolBackward", window, dx, "dy", dy);
    KernelArguments.apart("averagePoolBackward", "dx", dx, "dy", dy);
    if (dy.elements() > 0) {
      Walk walk = new Walk(dx, dy);
      for (long p = 0; p < walk.positions; p++) {
        walk.window(window, p);
        spread(loops(dx), walk, divisor(window, includePadding, walk));
      }
    }
  }

  @Override
  public void adaptiveAverage(Tensor x, Tensor y) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin("adaptiveAveragePool")) {
        Tensor result = wide.of("y", y);
        adaptiveAverage(wide.of("x", x), result);
        wide.narrow("y", result, y);
      }
      return;
    }
    PoolingArguments.parts("adaptiveAveragePool", x, "y", y);
    KernelArguments.apart("adaptiveAveragePool", "y", y, "x", x);
    if (y.elements() > 0) {
      Walk walk = new Walk(x, y);
      for (long p = 0; p < walk.positions; p++) {
        walk.part(p);
        mean(loops(x), walk, walk.seen());
      }
    }
  }

  @Override
  public void adaptiveAverageBackward(Tensor dy, Tensor dx) {
    PoolingArguments.parts("adaptiveAveragePoolBackward", dx, "dy", dy);
    KernelArguments.apart("adaptiveAveragePoolBackward", "dx", dx, "dy", dy);
    if (dy.elements() > 0) {
      Walk walk = new Walk(dx, dy);
      for (long p = 0; p < walk.positions; p++) {
        walk.part(p);
        spread(loops(dx), walk, walk.seen());
      }
    }
  }

  private static long divisor(Window window, boolean includePadding, Walk walk) {
    return includePadding ? walk.padded(window) : walk.seen();
  }

  private static void mean(ImageLoops loops, Walk walk, long divisor) {
    long to = walk.result;
    Addresses.ALL.asSlice(to, walk.pixelBytes).fill((byte) 0);
    for (int i = walk.top; i < walk.bottom; i++) {
      for (int j = walk.left; j < walk.right; j++) {
        loops.elements().binary(Kernels.Binary.ADD, to, walk.pixel(i, j), to, walk.channels);
      }
    }
    loops.elements().scale(1.0 / divisor, to, walk.channels);
  }

  private static void spread(ImageLoops loops, Walk walk, long divisor) {
    for (int i = walk.top; i < walk.bottom; i++) {
      for (int j = walk.left; j < walk.right; j++) {
        loops.elements().axpy(1.0 / divisor, walk.result, walk.pixel(i, j), walk.channels);
      }
    }
  }

  private ImageLoops loops(Tensor x) {
    return x.dtype() == DType.F32 ? f32 : f64;
  }

  /** Where a position of the result is and which pixels its window sees. */
  private static final class Walk {
    final long positions;
    final int channels;
    final long pixelBytes;
    private final long images;
    private final long results;
    private final int h;
    private final int w;
    private final int outH;
    private final int outW;
    private int fromH;
    private int fromW;
    private long image;
    long result;
    int top;
    int bottom;
    int left;
    int right;

    Walk(Tensor x, Tensor y) {
      h = PlainKernels.size(x.dim(1));
      w = PlainKernels.size(x.dim(2));
      channels = PlainKernels.size(x.dim(3));
      outH = PlainKernels.size(y.dim(1));
      outW = PlainKernels.size(y.dim(2));
      positions = y.dim(0) * outH * outW;
      pixelBytes = (long) channels * x.dtype().bytes();
      images = x.segment().address();
      results = y.segment().address();
    }

    void window(Window window, long position) {
      at(position);
      int p = (int) (position / outW % outH);
      int q = (int) (position % outW);
      fromH = p * window.strideH() - window.top();
      fromW = q * window.strideW() - window.left();
      top = inside(fromH, window.dilationH());
      left = inside(fromW, window.dilationW());
      bottom = Math.min(h, fromH + (window.kernelH() - 1) * window.dilationH() + 1);
      right = Math.min(w, fromW + (window.kernelW() - 1) * window.dilationW() + 1);
    }

    /** Pixels under the window, with those of the padding but without what is beyond it. */
    long padded(Window window) {
      int toH = Math.min(fromH + window.kernelH(), h + window.bottom());
      int toW = Math.min(fromW + window.kernelW(), w + window.right());
      return (long) (toH - fromH) * (toW - fromW);
    }

    /** The first step from start that is in the image. */
    private static int inside(int start, int step) {
      return start >= 0 ? start : start + (-start + step - 1) / step * step;
    }

    void part(long position) {
      at(position);
      long p = position / outW % outH;
      long q = position % outW;
      top = (int) (p * h / outH);
      left = (int) (q * w / outW);
      bottom = (int) (((p + 1) * h + outH - 1) / outH);
      right = (int) (((q + 1) * w + outW - 1) / outW);
    }

    private void at(long position) {
      result = results + position * pixelBytes;
      image = images + position / ((long) outH * outW) * h * w * pixelBytes;
    }

    long pixel(int i, int j) {
      return image + ((long) i * w + j) * pixelBytes;
    }

    long seen() {
      return (long) (bottom - top) * (right - left);
    }
  }
}
