package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.BatchNorm;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Normalization;
import org.jspecify.annotations.Nullable;

/**
 * Normalisation of each channel over a batch; for the formula see {@link Normalization}.
 *
 * <p>Shapes: x {@code [N, C]}, {@code [N, C, L]} or {@code [N, C, H, W]}, weight and bias {@code
 * [C]} or none {@code -> } that of x. Dtypes: F32, F64. Results lie channels-last. In training mean
 * and variance are those of the batch, at least two values a channel, and the running ones move
 * towards them:
 *
 * <pre>
 * running = (1 - momentum) · running + momentum · (mean, or variance · n / (n - 1))
 * </pre>
 *
 * <p>the variance of the n values unbiased, as in PyTorch, while the batch is normalised with the
 * biased one. Gradient: to x, through the statistics too, weight and bias; in inference the running
 * statistics are constants. Source: {@code torch.nn.functional.batch_norm}.
 */
public final class BatchNormalization extends Node {
  private final Statistics statistics;
  private final Tensor rows;
  private final Tensor mean;
  private final Tensor variance;

  private BatchNormalization(
      Statistics statistics, Tensor rows, Tensor mean, Tensor variance, Variable... inputs) {
    super("batchNorm", inputs);
    this.statistics = statistics;
    this.rows = rows;
    this.mean = mean;
    this.variance = variance;
  }

  /**
   * Where mean and variance come from.
   *
   * @param runningMean {@code [C]}; in training it is updated; null for none
   * @param runningVariance {@code [C]}, as runningMean
   * @param ofBatch whether the batch's own are used, as in training, or the running ones
   * @param momentum share of the batch in the running ones
   * @param epsilon added to the variance
   */
  public record Statistics(
      @Nullable Tensor runningMean,
      @Nullable Tensor runningVariance,
      boolean ofBatch,
      double momentum,
      double epsilon) {}

  /** Normalises; weight and bias are both given or both null. */
  public static Variable apply(
      Variable x, @Nullable Variable weight, @Nullable Variable bias, Statistics statistics) {
    Tape tape = Tape.of("batchNorm", x);
    int rank = x.shape().rank();
    if (rank < 2 || rank > 4) {
      throw TensorException.mismatch(
          "batchNorm: expected x [N, C], [N, C, L] or [N, C, H, W], got " + x);
    }
    int[] order = MemoryOrder.channelsLast(rank);
    Tensor rows = MemoryOrder.seen(tape, x.value(), order);
    Normalization kernels = tape.normalization();
    Tensor mean = statistics.runningMean;
    Tensor variance = statistics.runningVariance;
    if (statistics.ofBatch) {
      mean = tape.scope().empty(rows.dtype(), Shape.of(rows.dim(-1)));
      variance = tape.scope().empty(rows.dtype(), mean.shape());
      observe(tape, statistics, rows, mean, variance);
    } else if (mean == null || variance == null) {
      throw TensorException.mismatch("batchNorm: expected running statistics, got none");
    }
    Tensor out = tape.scope().empty(rows.dtype(), rows.shape());
    Tensor scale = weight == null ? null : weight.value();
    Tensor shift = bias == null ? null : bias.value();
    kernels.normalize(rows, mean, variance, scale, shift, statistics.epsilon, out);
    Variable[] inputs =
        weight == null || bias == null ? new Variable[] {x} : new Variable[] {x, weight, bias};
    var node = new BatchNormalization(statistics, rows, mean, variance, inputs);
    return tape.record(node, MemoryOrder.restored(out, order));
  }

  private static void observe(
      Tape tape, Statistics statistics, Tensor rows, Tensor mean, Tensor variance) {
    double n = rows.dim(-1) == 0 ? 0 : (double) rows.elements() / rows.dim(-1);
    if (n < 2) {
      throw TensorException.mismatch(
          "batchNorm: expected at least two values of each channel in training, got x seen as "
              + rows.shape());
    }
    tape.normalization().statistics(rows, mean, variance);
    double m = statistics.momentum;
    if (statistics.runningMean != null) {
      tape.kernels().scale(1 - m, statistics.runningMean);
      tape.kernels().axpy(m, mean, statistics.runningMean);
    }
    if (statistics.runningVariance != null) {
      tape.kernels().scale(1 - m, statistics.runningVariance);
      tape.kernels().axpy(m * n / (n - 1), variance, statistics.runningVariance);
    }
  }

  @Override
  protected Value trace(Tracing into) {
    if (statistics.ofBatch || inputs.length != 3) {
      throw untraceable(); // it has to be in inference, and to have a weight and a bias
    }
    return into.add(
        new BatchNorm(statistics.epsilon),
        into.value(input(0)),
        into.value(input(1)),
        into.value(input(2)),
        into.value(mean),
        into.value(variance));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Variable x = input(0);
    boolean affine = inputs.length == 3;
    int[] order = MemoryOrder.channelsLast(gradient.shape().rank());
    Tensor dy = MemoryOrder.seen(tape, gradient, order);
    Tensor weight = affine ? input(1).value() : null;
    Tensor dWeight = affine && input(1).requiresGradient() ? gradientOf(tape, input(1)) : null;
    Tensor dBias = affine && input(2).requiresGradient() ? gradientOf(tape, input(2)) : null;
    if (!x.requiresGradient()) {
      backward(tape, weight, dy, null, false, dWeight, dBias);
    } else if (x.isFresh(order)) {
      Tensor dx = tape.scope().empty(rows.dtype(), rows.shape());
      backward(tape, weight, dy, dx, false, dWeight, dBias);
      x.give(MemoryOrder.restored(dx, order));
    } else {
      MemoryOrder.add(tape, x, order, dx -> backward(tape, weight, dy, dx, true, dWeight, dBias));
    }
  }

  private void backward(
      Tape tape,
      @Nullable Tensor weight,
      Tensor dy,
      @Nullable Tensor dx,
      boolean accumulate,
      @Nullable Tensor dWeight,
      @Nullable Tensor dBias) {
    tape.normalization()
        .backward(
            rows,
            mean,
            variance,
            weight,
            statistics.epsilon,
            statistics.ofBatch,
            dy,
            dx,
            accumulate,
            dWeight,
            dBias);
  }
}
