package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.ALL;
import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

import dev.nagare.tensor.BFloat16;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import java.lang.foreign.MemorySegment;

/** A product over F32; what is BF16 is widened, and the weight is rounded when it is packed. */
final class PlainPreparedProduct extends PlainPreparedKernel {
  private final ProductSpec spec;
  private final Loops loops;
  private final PlainPostOps post;

  PlainPreparedProduct(ProductSpec spec, Loops loops) {
    super(Arguments.of(spec), "plain");
    this.spec = spec;
    this.loops = loops;
    this.post = new PlainPostOps(loops, spec.post(), spec.operands());
  }

  @Override
  public long packedBytes() {
    return 4 * spec.k() * padded();
  }

  @Override
  public long scratchBytes() {
    return 4 * spec.m() * (padded() + spec.k());
  }

  /** Columns as they are computed: whole vectors, of which the last are zeros. */
  private long padded() {
    return (spec.n() + Loops.PARTIALS - 1) / Loops.PARTIALS * Loops.PARTIALS;
  }

  @Override
  void pack(long weight, long packed) {
    Addresses.zero(packed, packedBytes());
    for (long i = 0; i < spec.k(); i++) {
      for (long j = 0; j < spec.n(); j++) {
        float w = getFloat(weight, spec.transposed() ? j * spec.k() + i : i * spec.n() + j);
        setFloat(packed, i * padded() + j, rounded(spec.dtype(), w));
      }
    }
  }

  static float rounded(DType dtype, float value) {
    return dtype == DType.F32 ? value : BFloat16.toFloat(BFloat16.of(value));
  }

  @Override
  void compute(Places at) {
    int m = (int) spec.m();
    int n = (int) spec.n();
    int k = (int) spec.k();
    int wide = (int) padded();
    long sums = at.scratch;
    long x = at.inputs[0];
    if (spec.dtype() != DType.F32) {
      x = sums + 4L * m * wide;
      Mixed.widen(spec.dtype(), at.inputs[0], x, (long) m * k);
    }
    Addresses.zero(sums, 4L * m * wide);
    for (long i = 0; spec.bias() && i < m; i++) {
      MemorySegment.copy(ALL, at.bias, ALL, sums + 4 * i * wide, 4L * n);
    }
    loops.product(x, k, 1, at.weight, wide, sums, wide, m, wide, k);
    for (long i = 1; wide != n && i < m; i++) {
      MemorySegment.copy(ALL, sums + 4 * i * wide, ALL, sums + 4 * i * n, 4L * n);
    }
    post.apply(sums, (long) m * n, n, at.operands);
    Mixed.narrow(spec.result(), sums, at.output, (long) m * n);
  }

  /** The bias, or zeros, in each row. */
  static void start(long bias, long sums, long rows, long columns) {
    if (bias == 0) {
      Addresses.zero(sums, 4 * rows * columns);
    }
    for (long i = 0; bias != 0 && i < rows; i++) {
      MemorySegment.copy(ALL, bias, ALL, sums + 4 * i * columns, 4 * columns);
    }
  }
}
