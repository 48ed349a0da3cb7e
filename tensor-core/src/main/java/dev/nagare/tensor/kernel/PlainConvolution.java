package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * {@link Convolution} as products with what the window sees, image by image and group by group.
 *
 * <p>An element of a result is one chain of fused multiply-adds in the order kernel row, kernel
 * column, channel (positions, for the weights), so the scalar and the vector loops give the same
 * bits. Positions go in strips that stay in the cache; where a strip ends does not show.
 */
final class PlainConvolution implements Convolution {
  /** Elements of a strip, about: half of a core's second-level cache. */
  private static final int STRIP = 1 << 16;

  private final Loops f32;
  private final Loops f64;

  PlainConvolution(Loops f32, Loops f64) {
    this.f32 = f32;
    this.f64 = f64;
  }

  @Override
  public void forward(
      Window window, int groups, Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin("convolution")) {
        Tensor result = wide.of("y", y);
        Tensor kernel = wide.of("weight", weight);
        Tensor shift = wide.ofOptional("bias", bias);
        forward(window, groups, wide.of("x", x), kernel, shift, result);
        wide.narrow("y", result, y);
      }
      return;
    }
    ConvolutionArguments.forward(window, groups, x, weight, bias, y);
    fillRows(y, bias);
    run(Pass.FORWARD, window, groups, x, weight, y);
  }

  @Override
  public void backwardData(
      Window window, int groups, Tensor dy, Tensor weight, Tensor dx, boolean accumulate) {
    ConvolutionArguments.backwardData(window, groups, dy, weight, dx);
    if (!accumulate) {
      dx.zero();
    }
    run(Pass.DATA, window, groups, dx, weight, dy);
  }

  @Override
  public void backwardWeights(
      Window window, int groups, Tensor x, Tensor dy, Tensor dWeight, @Nullable Tensor dBias) {
    ConvolutionArguments.backwardWeights(window, groups, x, dy, dWeight, dBias);
    run(Pass.WEIGHTS, window, groups, x, dWeight, dy);
    if (dBias != null) {
      addRows(dy, dBias);
    }
  }

  private enum Pass {
    FORWARD,
    DATA,
    WEIGHTS
  }

  /** The images are {@code x} on the side of the input and {@code y} on that of the result. */
  private void run(Pass pass, Window window, int groups, Tensor x, Tensor weight, Tensor y) {
    if (y.elements() == 0 || weight.elements() == 0) {
      return;
    }
    Loops loops = x.dtype() == DType.F32 ? f32 : f64;
    Columns columns = Columns.of(loops, window, groups, x);
    int bytes = x.dtype().bytes();
    int out = PlainKernels.size(y.dim(3));
    int rows = PlainKernels.size(y.dim(1));
    int strip = Math.max(1, Math.min(rows, STRIP / (columns.outW() * columns.width())));
    long weightBytes = weight.elements() * bytes;
    long stripBytes = (long) strip * columns.outW() * columns.width() * bytes;
    long packed = Scratch.ofThread().bytes(2 * weightBytes + stripBytes).address();
    long turned = packed + weightBytes;
    long matrix = turned + weightBytes;
    pack(pass, loops, weight, groups, packed, turned);
    long from = x.segment().address();
    long to = y.segment().address();
    for (long n = 0; n < y.dim(0); n++) {
      for (int g = 0; g < groups; g++) {
        long weightsAt = (long) g * (weightBytes / groups);
        long image = from + (long) g * columns.group() * bytes;
        long result = to + (long) g * (out / groups) * bytes;
        for (int p = 0; p < rows; p += strip) {
          int end = Math.min(rows, p + strip);
          long at = result + (long) p * columns.outW() * out * bytes;
          strip(
              pass,
              columns,
              image,
              matrix,
              p,
              end,
              packed + weightsAt,
              turned + weightsAt,
              at,
              out,
              out / groups);
        }
      }
      from += x.elements() / x.dim(0) * bytes;
      to += y.elements() / y.dim(0) * bytes;
    }
    if (pass == Pass.WEIGHTS) {
      unpack(loops, packed, turned, weight);
    }
  }

  private static void strip(
      Pass pass,
      Columns columns,
      long image,
      long matrix,
      int from,
      int end,
      long packed,
      long turned,
      long result,
      int out,
      int outGroup) {
    Loops loops = columns.loops();
    int m = (end - from) * columns.outW();
    int k = columns.width();
    long seen = matrix;
    if (columns.isImage()) {
      seen = image + (long) from * columns.outW() * k * columns.bytes();
    } else if (pass != Pass.DATA) {
      columns.gather(image, matrix, from, end);
    }
    switch (pass) {
      case FORWARD -> loops.product(seen, k, 1, turned, outGroup, result, out, m, outGroup, k);
      case WEIGHTS -> loops.product(result, 1, out, seen, k, packed, k, outGroup, k, m);
      case DATA -> {
        if (seen == matrix) {
          Addresses.ALL.asSlice(matrix, (long) m * k * columns.bytes()).fill((byte) 0);
        }
        loops.product(result, out, 1, packed, k, seen, k, m, k, outGroup);
        if (seen == matrix) {
          columns.scatter(image, matrix, from, end);
        }
      }
    }
  }

  /**
   * The weights with the channel last, {@code [O, kernelH, kernelW, C]}, and each group's matrix of
   * them transposed, for the forward; zeros if their gradient is to be made.
   */
  private static void pack(
      Pass pass, Loops loops, Tensor weight, int groups, long packed, long turned) {
    long bytes = weight.elements() * weight.dtype().bytes();
    if (pass == Pass.WEIGHTS) {
      Addresses.ALL.asSlice(packed, bytes).fill((byte) 0);
      return;
    }
    int out = (int) weight.dim(0);
    int channels = (int) weight.dim(1);
    int taps = (int) (weight.dim(2) * weight.dim(3));
    long from = weight.segment().address();
    long filter = bytes / out;
    for (int o = 0; o < out; o++) {
      loops.transpose(from + o * filter, packed + o * filter, channels, taps);
    }
    if (pass == Pass.FORWARD) {
      for (int g = 0; g < groups; g++) {
        long at = g * (bytes / groups);
        loops.transpose(packed + at, turned + at, out / groups, taps * channels);
      }
    }
  }

  private static void unpack(Loops loops, long packed, long turned, Tensor weight) {
    int out = (int) weight.dim(0);
    int taps = (int) (weight.dim(2) * weight.dim(3));
    long filter = weight.elements() * weight.dtype().bytes() / out;
    for (int o = 0; o < out; o++) {
      loops.transpose(packed + o * filter, turned + o * filter, taps, (int) weight.dim(1));
    }
    long to = weight.segment().address();
    loops.binary(Kernels.Binary.ADD, to, turned, to, weight.elements());
  }

  private static void fillRows(Tensor y, @Nullable Tensor bias) {
    MemorySegment to = y.segment();
    if (bias == null) {
      to.fill((byte) 0);
      return;
    }
    MemorySegment row = bias.segment();
    for (long at = 0; at < to.byteSize(); at += row.byteSize()) {
      MemorySegment.copy(row, 0, to, at, row.byteSize());
    }
  }

  private void addRows(Tensor dy, Tensor dBias) {
    Loops loops = dy.dtype() == DType.F32 ? f32 : f64;
    long n = dBias.elements();
    long to = dBias.segment().address();
    MemorySegment rows = dy.segment();
    for (long at = 0; at < rows.byteSize(); at += dBias.segment().byteSize()) {
      loops.binary(Kernels.Binary.ADD, to, rows.address() + at, to, n);
    }
  }
}
