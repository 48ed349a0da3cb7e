package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getDouble;
import static dev.nagare.tensor.kernel.Addresses.setDouble;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/**
 * {@link Normalization} over blocks of rows that stay in the first-level cache. Blocks are what
 * parts get; what is summed over them is added by the caller, in their order.
 */
final class PlainNormalization implements Normalization {
  /** Elements of a block: 32 KiB in F32. */
  private static final long BLOCK = 8192;

  /** Rows of a block that is worth sharing out: of shorter ones the sums take as much room. */
  private static final long SHARED_ROWS = 32;

  /** Blocks that are worth sharing out. */
  private static final long SHARED_BLOCKS = 4;

  private final ImageLoops f32;
  private final ImageLoops f64;
  private final Parts parts;

  PlainNormalization(ImageLoops f32, ImageLoops f64, Parts parts) {
    this.f32 = f32;
    this.f64 = f64;
    this.parts = parts;
  }

  @Override
  public Normalization in(Parts some) {
    return new PlainNormalization(f32, f64, some);
  }

  private boolean shared(long block, long blocks) {
    return parts.count() > 1 && block >= SHARED_ROWS && blocks >= SHARED_BLOCKS;
  }

  private static long block(long channels) {
    return Math.max(1, BLOCK / channels);
  }

  @Override
  public void statistics(Tensor x, Tensor mean, Tensor variance) {
    String op = "statistics";
    check(op, x, mean, variance);
    KernelArguments.apart(op, "mean", mean, "x", x);
    KernelArguments.apart(op, "variance", variance, "x", x);
    KernelArguments.apart(op, "variance", variance, "mean", mean);
    long channels = x.dim(-1);
    if (channels == 0) {
      return;
    }
    long rows = x.elements() / channels;
    if (rows == 0) {
      throw TensorException.mismatch(op + ": expected at least one row, got x " + x.shape());
    }
    ImageLoops loops = loops(x);
    long row = channels * loops.bytes();
    long means = mean.segment().address();
    long squares = variance.segment().address();
    long block = block(channels);
    long blocks = Math.ceilDiv(rows, block);
    boolean shared = shared(block, blocks);
    long together = shared ? blocks : 1;
    // Two rows of totals in f64, then sums, means and squares of the blocks.
    long totals = Scratch.ofThread().bytes(channels * 16 + together * 3 * row).address();
    long table = totals + channels * 16;
    Addresses.ALL.asSlice(totals, channels * 16).fill((byte) 0);
    long from = x.segment().address();
    if (shared) {
      parts.run(
          part -> {
            long end = parts.begin(blocks, part + 1);
            for (long b = parts.begin(blocks, part); b < end; b++) {
              observe(loops, from, rows, channels, b, table + b * 3 * row);
            }
          });
    }
    for (long b = 0; b < blocks; b++) {
      long sums = shared ? table + b * 3 * row : table;
      if (!shared) {
        observe(loops, from, rows, channels, b, sums);
      }
      long seen = b * block;
      long count = Math.min(block, rows - seen);
      for (long c = 0; c < channels; c++) {
        double middle = loops.get(sums, c) / count;
        combine(totals, channels, c, seen, count, middle, loops.get(sums + 2 * row, c));
      }
    }
    for (long c = 0; c < channels; c++) {
      loops.set(means, c, getDouble(totals, c));
      loops.set(squares, c, getDouble(totals, channels + c) / rows);
    }
  }

  /** The sums of a block, its means, and the squares of what is apart from them. */
  private static void observe(
      ImageLoops loops, long x, long rows, long channels, long b, long sums) {
    long row = channels * loops.bytes();
    long block = block(channels);
    long count = Math.min(block, rows - b * block);
    long at = x + b * block * row;
    loops.sums(at, sums, count, channels);
    for (long c = 0; c < channels; c++) {
      loops.set(sums + row, c, loops.get(sums, c) / count);
    }
    loops.deviations(at, sums + row, sums + 2 * row, count, channels);
  }

  /** Chan, Golub and LeVeque (1983): the mean and the squares of what was seen and of a block. */
  private static void combine(
      long totals, long channels, long c, long seen, long count, double mean, double squares) {
    double before = getDouble(totals, c);
    double apart = mean - before;
    double share = (double) count / (seen + count);
    setDouble(totals, c, before + apart * share);
    double more = squares + apart * apart * seen * share;
    setDouble(totals, channels + c, getDouble(totals, channels + c) + more);
  }

  @Override
  public void normalize(
      Tensor x,
      Tensor mean,
      Tensor variance,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      double epsilon,
      Tensor y) {
    String op = "normalize";
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin(op)) {
        Tensor result = wide.of("y", y);
        Tensor means = wide.of("mean", mean);
        Tensor variances = wide.of("variance", variance);
        Tensor scale = wide.ofOptional("weight", weight);
        Tensor shift = wide.ofOptional("bias", bias);
        normalize(wide.of("x", x), means, variances, scale, shift, epsilon, result);
        wide.narrow("y", result, y);
      }
      return;
    }
    check(op, x, mean, variance);
    channels(op, "weight", weight, x);
    channels(op, "bias", bias, x);
    KernelArguments.same(op, "y", y, "x", x);
    KernelArguments.writable(op, "y", y);
    if (x.elements() == 0) {
      return;
    }
    ImageLoops loops = loops(x);
    long channels = x.dim(-1);
    long table = Scratch.ofThread().bytes(3 * channels * loops.bytes()).address();
    long means = mean.segment().address();
    long variances = variance.segment().address();
    for (long c = 0; c < channels; c++) {
      loops.set(table, c, loops.get(means, c));
      double root = Math.sqrt(loops.get(variances, c) + epsilon);
      loops.set(table, channels + c, value(loops, weight, c, 1) / root);
      loops.set(table, 2 * channels + c, value(loops, bias, c, 0));
    }
    long rows = x.elements() / channels;
    long from = x.segment().address();
    long to = y.segment().address();
    long blocks = Math.ceilDiv(rows, block(channels));
    if (shared(block(channels), blocks)) {
      parts.run(
          part -> {
            long first = parts.begin(blocks, part);
            normalize(loops, from, table, to, rows, channels, first, parts.begin(blocks, part + 1));
          });
    } else {
      normalize(loops, from, table, to, rows, channels, 0, blocks);
    }
  }

  private static void normalize(
      ImageLoops loops,
      long x,
      long table,
      long y,
      long rows,
      long channels,
      long first,
      long end) {
    long block = block(channels);
    for (long i = first * block; i < Math.min(end * block, rows); i += block) {
      long at = i * channels * loops.bytes();
      loops.normalize(x + at, table, y + at, Math.min(block, rows - i), channels);
    }
  }

  @Override
  public void backward(
      Tensor x,
      Tensor mean,
      Tensor variance,
      @Nullable Tensor weight,
      double epsilon,
      boolean ofBatch,
      Tensor dy,
      @Nullable Tensor dx,
      boolean accumulate,
      @Nullable Tensor dWeight,
      @Nullable Tensor dBias) {
    String op = "normalizeBackward";
    check(op, x, mean, variance);
    channels(op, "weight", weight, x);
    KernelArguments.same(op, "dy", dy, "x", x);
    if (dx != null) {
      KernelArguments.same(op, "dx", dx, "x", x);
      KernelArguments.apart(op, "dx", dx, "x", x);
      KernelArguments.apart(op, "dx", dx, "dy", dy);
    }
    sum(op, "dWeight", dWeight, x, dy);
    sum(op, "dBias", dBias, x, dy);
    if (x.elements() == 0) {
      return;
    }
    ImageLoops loops = loops(x);
    long channels = x.dim(-1);
    long rows = x.elements() / channels;
    long row = channels * loops.bytes();
    long block = block(channels);
    long blocks = Math.ceilDiv(rows, block);
    boolean shared = shared(block, blocks);
    long together = shared ? blocks : 1;
    // Two rows of totals in f64, the four rows of the gradient's table, and the blocks' two sums.
    long totals = Scratch.ofThread().bytes(channels * 16 + 4 * row + together * 2 * row).address();
    long table = totals + channels * 16;
    long sums = table + 4 * row;
    long means = mean.segment().address();
    long variances = variance.segment().address();
    long in = x.segment().address();
    long up = dy.segment().address();
    Addresses.ALL.asSlice(totals, channels * 16).fill((byte) 0);
    if (shared) {
      parts.run(
          part -> {
            long end = parts.begin(blocks, part + 1);
            for (long b = parts.begin(blocks, part); b < end; b++) {
              sum(loops, in, up, means, rows, channels, b, sums + b * 2 * row);
            }
          });
    }
    for (long b = 0; b < blocks; b++) {
      long of = shared ? sums + b * 2 * row : sums;
      if (!shared) {
        sum(loops, in, up, means, rows, channels, b, of);
      }
      for (long c = 0; c < 2 * channels; c++) {
        setDouble(totals, c, getDouble(totals, c) + loops.get(of, c));
      }
    }
    for (long c = 0; c < channels; c++) {
      double sum = getDouble(totals, c);
      double product = getDouble(totals, channels + c);
      double inverse = 1 / Math.sqrt(loops.get(variances, c) + epsilon);
      add(loops, dBias, c, sum);
      add(loops, dWeight, c, product * inverse);
      loops.set(table, c, loops.get(means, c));
      loops.set(table, channels + c, value(loops, weight, c, 1) * inverse);
      loops.set(table, 2 * channels + c, ofBatch ? sum / rows : 0);
      loops.set(table, 3 * channels + c, ofBatch ? product * inverse * inverse / rows : 0);
    }
    if (dx == null) {
      return;
    }
    long to = dx.segment().address();
    if (shared) {
      parts.run(
          part -> {
            long first = parts.begin(blocks, part);
            long end = parts.begin(blocks, part + 1);
            slopes(loops, in, up, table, to, accumulate, rows, channels, first, end);
          });
    } else {
      slopes(loops, in, up, table, to, accumulate, rows, channels, 0, blocks);
    }
  }

  /** The two sums of a block. */
  private static void sum(
      ImageLoops loops, long x, long dy, long means, long rows, long channels, long b, long sums) {
    long block = block(channels);
    long at = b * block * channels * loops.bytes();
    loops.gradientSums(x + at, dy + at, means, sums, Math.min(block, rows - b * block), channels);
  }

  private static void slopes(
      ImageLoops loops,
      long x,
      long dy,
      long table,
      long dx,
      boolean accumulate,
      long rows,
      long channels,
      long first,
      long end) {
    long block = block(channels);
    for (long i = first * block; i < Math.min(end * block, rows); i += block) {
      long at = i * channels * loops.bytes();
      long count = Math.min(block, rows - i);
      loops.gradient(x + at, dy + at, table, dx + at, accumulate, count, channels);
    }
  }

  private static double value(ImageLoops loops, @Nullable Tensor of, long c, double otherwise) {
    return of == null ? otherwise : loops.get(of.segment().address(), c);
  }

  private static void add(ImageLoops loops, @Nullable Tensor to, long c, double term) {
    if (to != null) {
      long at = to.segment().address();
      loops.set(at, c, loops.get(at, c) + term);
    }
  }

  private static void check(String op, Tensor x, Tensor mean, Tensor variance) {
    KernelArguments.computable(op, x);
    if (x.shape().rank() < 2) {
      throw TensorException.mismatch(op + ": expected x [.., C] with two axes or more, got " + x);
    }
    channels(op, "mean", mean, x);
    channels(op, "variance", variance, x);
  }

  private static void channels(String op, String name, @Nullable Tensor given, Tensor x) {
    if (given != null) {
      KernelArguments.dtype(op, name, given, x);
      KernelArguments.shape(op, name, given, x.dim(-1));
    }
  }

  /** A gradient of the channels, which is added to before x and dy have been read for the last. */
  private static void sum(String op, String name, @Nullable Tensor given, Tensor x, Tensor dy) {
    channels(op, name, given, x);
    if (given != null) {
      KernelArguments.apart(op, name, given, "x", x);
      KernelArguments.apart(op, name, given, "dy", dy);
    }
  }

  private ImageLoops loops(Tensor x) {
    return x.dtype() == DType.F32 ? f32 : f64;
  }
}
