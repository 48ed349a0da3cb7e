package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getDouble;
import static dev.nagare.tensor.kernel.Addresses.setDouble;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/** {@link Normalization} over blocks of rows that stay in the first-level cache. */
final class PlainNormalization implements Normalization {
  /** Elements of a block: 32 KiB in F32. */
  private static final long BLOCK = 8192;

  private final ImageLoops f32;
  private final ImageLoops f64;

  PlainNormalization(ImageLoops f32, ImageLoops f64) {
    this.f32 = f32;
    this.f64 = f64;
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
    // Two rows of totals in f64, then a block's sums, means and squares.
    long totals = Scratch.ofThread().bytes(channels * 16 + 3 * row).address();
    long sums = totals + channels * 16;
    long middles = sums + row;
    Addresses.ALL.asSlice(totals, channels * 16).fill((byte) 0);
    long block = Math.max(1, BLOCK / channels);
    long from = x.segment().address();
    for (long i = 0; i < rows; i += block) {
      long count = Math.min(block, rows - i);
      long at = from + i * row;
      loops.sums(at, sums, count, channels);
      for (long c = 0; c < channels; c++) {
        loops.set(middles, c, loops.get(sums, c) / count);
      }
      loops.deviations(at, middles, middles + row, count, channels);
      for (long c = 0; c < channels; c++) {
        combine(
            totals, channels, c, i, count, loops.get(sums, c) / count, loops.get(middles + row, c));
      }
    }
    for (long c = 0; c < channels; c++) {
      loops.set(means, c, getDouble(totals, c));
      loops.set(squares, c, getDouble(totals, channels + c) / rows);
    }
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
    long row = channels * loops.bytes();
    long block = Math.max(1, BLOCK / channels);
    long from = x.segment().address();
    long to = y.segment().address();
    for (long i = 0; i < rows; i += block) {
      loops.normalize(from + i * row, table, to + i * row, Math.min(block, rows - i), channels);
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
    // Two rows of totals in f64, a block's two sums, and the four rows of the gradient's table.
    long totals = Scratch.ofThread().bytes(channels * 16 + 6 * row).address();
    long sums = totals + channels * 16;
    long table = sums + 2 * row;
    long means = mean.segment().address();
    long variances = variance.segment().address();
    long in = x.segment().address();
    long up = dy.segment().address();
    long block = Math.max(1, BLOCK / channels);
    Addresses.ALL.asSlice(totals, channels * 16).fill((byte) 0);
    for (long i = 0; i < rows; i += block) {
      loops.gradientSums(
          in + i * row, up + i * row, means, sums, Math.min(block, rows - i), channels);
      for (long c = 0; c < 2 * channels; c++) {
        setDouble(totals, c, getDouble(totals, c) + loops.get(sums, c));
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
    if (dx != null) {
      long to = dx.segment().address();
      for (long i = 0; i < rows; i += block) {
        long count = Math.min(block, rows - i);
        long at = i * row;
        loops.gradient(in + at, up + at, table, to + at, accumulate, count, channels);
      }
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
