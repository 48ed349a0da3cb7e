package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.ConvolutionSpec;

/**
 * A convolution over F32 as a product for each element of the kernel, row of the result and group;
 * what is BF16 is widened, and the weight is rounded when it is packed.
 */
final class PlainPreparedConvolution extends PlainPreparedKernel {
  private final ConvolutionSpec spec;
  private final Loops loops;
  private final PlainPostOps post;
  private final int inputs;
  private final int outputs;
  private final long outH;
  private final long outW;

  PlainPreparedConvolution(ConvolutionSpec spec, Loops loops) {
    super(Arguments.of(spec), "plain");
    this.spec = spec;
    this.loops = loops;
    this.post = new PlainPostOps(loops, spec.post(), spec.operands());
    this.inputs = (int) (spec.c() / spec.groups());
    this.outputs = (int) (spec.o() / spec.groups());
    this.outH = spec.output().dim(1);
    this.outW = spec.output().dim(2);
  }

  @Override
  public long packedBytes() {
    return 4 * spec.o() * inputs * spec.window().taps();
  }

  @Override
  public long scratchBytes() {
    return 4 * (spec.output().elements() + spec.n() * spec.h() * spec.w() * spec.c());
  }

  /** {@code [O, C / groups, taps]} to {@code [groups, taps, C / groups, O / groups]}. */
  @Override
  void pack(long weight, long packed) {
    int taps = spec.window().taps();
    for (long o = 0; o < spec.o(); o++) {
      for (long c = 0; c < inputs; c++) {
        for (long t = 0; t < taps; t++) {
          long to = ((o / outputs * taps + t) * inputs + c) * outputs + o % outputs;
          float w = getFloat(weight, (o * inputs + c) * taps + t);
          setFloat(packed, to, PlainPreparedProduct.rounded(spec.dtype(), w));
        }
      }
    }
  }

  @Override
  void compute(Places at) {
    long sums = at.scratch;
    long count = spec.output().elements();
    long x = at.inputs[0];
    if (spec.dtype() != DType.F32) {
      x = sums + 4 * count;
      Mixed.widen(spec.dtype(), at.inputs[0], x, spec.n() * spec.h() * spec.w() * spec.c());
    }
    PlainPreparedProduct.start(spec.bias() ? at.bias : 0, sums, count / spec.o(), spec.o());
    for (long n = 0; n < spec.n(); n++) {
      for (long p = 0; p < outH; p++) {
        long row = sums + 4 * (n * outH + p) * outW * spec.o();
        for (int i = 0; i < spec.window().kernelH(); i++) {
          long y =
              p * spec.window().strideH()
                  + (long) i * spec.window().dilationH()
                  - spec.window().top();
          if (y >= 0 && y < spec.h()) {
            taps(x + 4 * (n * spec.h() + y) * spec.w() * spec.c(), at.weight, i, row);
          }
        }
      }
    }
    post.apply(sums, count, spec.o(), at.operands);
    Mixed.narrow(spec.result(), sums, at.output, count);
  }

  /** Adds what row i of the kernel sees in a row of the image. */
  private void taps(long x, long weight, int i, long row) {
    Window window = spec.window();
    int stride = window.strideW();
    for (int j = 0; j < window.kernelW(); j++) {
      long shift = (long) j * window.dilationW() - window.left();
      long first = Math.max(0, -Math.floorDiv(shift, stride)); // the first that is not in padding
      long end = Math.min(outW, Math.floorDiv(spec.w() - 1 - shift, stride) + 1);
      if (first >= end) {
        continue;
      }
      long from = x + 4 * (first * stride + shift) * spec.c();
      long to = row + 4 * first * spec.o();
      long tap = (long) i * window.kernelW() + j;
      for (int g = 0; g < spec.groups(); g++) {
        loops.product(
            from + 4L * g * inputs,
            stride * spec.c(),
            1,
            weight + 4 * (g * (long) window.taps() + tap) * inputs * outputs,
            outputs,
            to + 4L * g * outputs,
            spec.o(),
            (int) (end - first),
            outputs,
            inputs);
      }
    }
  }
}
