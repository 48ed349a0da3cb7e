package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Normalization;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Normalisation of each channel by known statistics:
 *
 * <pre>
 * y = (x - mean) / √(variance + ε) · scale + bias
 * </pre>
 *
 * <p>Inputs: x {@code [N, C, ..]}; scale, bias, mean and variance {@code [C]}. Dtypes: F32, F64.
 * Source: Ioffe and Szegedy (2015); ONNX {@code BatchNormalization} at inference.
 *
 * @param epsilon added to the variance
 */
public record BatchNorm(double epsilon) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.floating(name(), Rules.required(name(), inputs, 0));
    if (x.rank() < 2) {
      throw TensorException.mismatch(name() + ": expected [N, C, ..], got " + x);
    }
    for (int i = 1; i < 5; i++) {
      Rules.channels(name(), x, Rules.required(name(), inputs, i));
    }
    return List.of(Fact.of(x.dtype(), x.shape()));
  }

  @Override
  public Order order() {
    return Order.CHANNELS_LAST;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Steps.input(inputs, 0);
    Tensor y = outputs.getFirst();
    Tensor scale = Steps.input(inputs, 1);
    Tensor bias = Steps.input(inputs, 2);
    Tensor mean = Steps.input(inputs, 3);
    Tensor variance = Steps.input(inputs, 4);
    boolean rows = x.shape().rank() == 2;
    if (rows || (Layouts.isChannelsLast(x) && Layouts.isChannelsLast(y))) {
      Tensor from = rows ? x : Layouts.channelsLast(name(), x);
      Tensor to = rows ? y : Layouts.channelsLast(name(), y);
      Normalization normalization = kernels.normalization();
      return () -> normalization.normalize(from, mean, variance, scale, bias, epsilon, to);
    }
    return inOtherOrder(kernels, x, scale, bias, mean, variance, y, scratch);
  }

  /** As a product and a sum with broadcasting. */
  private Step inOtherOrder(
      Kernels kernels,
      Tensor x,
      Tensor scale,
      Tensor bias,
      Tensor mean,
      Tensor variance,
      Tensor y,
      Memory scratch) {
    long[] channels = new long[x.shape().rank() - 1];
    Arrays.fill(channels, 1);
    channels[0] = x.dim(1);
    Tensor factor = scratch.empty(x.dtype(), Shape.of(channels));
    Tensor shift = scratch.empty(x.dtype(), Shape.of(channels));
    Tensor product = Layouts.like(y, scratch);
    Step factors =
        () -> {
          for (long c = 0; c < factor.elements(); c++) {
            double by = scale.get(c) / Math.sqrt(variance.get(c) + epsilon);
            factor.set(c, by);
            shift.set(c, bias.get(c) - mean.get(c) * by);
          }
        };
    return Steps.sequence(
        factors,
        Elementwise.binary(kernels, Binary.Function.MUL, x, factor, product, scratch),
        Elementwise.binary(kernels, Binary.Function.ADD, product, shift, y, scratch));
  }
}
