package dev.nagare.tensor.kernel;

import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.PoolingSpec;

/** Pooling, one element of the result at a time. */
final class PlainPreparedPooling extends PlainPreparedKernel {
  private final PoolingSpec spec;
  private final long outH;
  private final long outW;

  PlainPreparedPooling(PoolingSpec spec) {
    super(Arguments.of(spec), "plain");
    this.spec = spec;
    this.outH = spec.output().dim(1);
    this.outW = spec.output().dim(2);
  }

  @Override
  void compute(Places at) {
    long to = 0;
    for (long n = 0; n < spec.n(); n++) {
      for (long p = 0; p < outH; p++) {
        for (long q = 0; q < outW; q++) {
          for (long c = 0; c < spec.c(); c++) {
            Mixed.set(spec.dtype(), at.output, to++, seen(at.inputs[0], n, p, q, c));
          }
        }
      }
    }
  }

  private float seen(long x, long n, long p, long q, long c) {
    Window w = spec.window();
    boolean largest = spec.kind() == PoolingSpec.Kind.MAX;
    float result = largest ? Float.NEGATIVE_INFINITY : 0;
    int count = 0;
    for (int i = 0; i < w.kernelH(); i++) {
      long row = p * w.strideH() + (long) i * w.dilationH() - w.top();
      for (int j = 0; j < w.kernelW(); j++) {
        long column = q * w.strideW() + (long) j * w.dilationW() - w.left();
        if (row >= 0 && row < spec.h() && column >= 0 && column < spec.w()) {
          long index = ((n * spec.h() + row) * spec.w() + column) * spec.c() + c;
          float v = Mixed.get(spec.dtype(), x, index);
          result = largest ? (v > result || Float.isNaN(v) ? v : result) : result + v;
          count++;
        }
      }
    }
    return switch (spec.kind()) {
      case MAX -> result;
      case MEAN -> result / count;
      case MEAN_WITH_PADDING -> result / w.taps();
    };
  }
}
