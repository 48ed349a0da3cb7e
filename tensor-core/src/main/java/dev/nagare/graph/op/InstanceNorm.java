package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Normalisation of each channel of each image by its own mean and variance:
 *
 * <pre>
 * y = (x - mean) / √(variance + ε) · scale + bias
 * </pre>
 *
 * <p>Inputs: x {@code [N, C, ..]} with at least one spatial axis; scale and bias {@code [C]}.
 * Dtypes: F32, F64. Source: Ulyanov et al. (2016); ONNX {@code InstanceNormalization}.
 *
 * @param epsilon added to the variance
 */
public record InstanceNorm(double epsilon) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.floating(name(), Rules.required(name(), inputs, 0));
    if (x.rank() < 3) {
      throw TensorException.mismatch(name() + ": expected [N, C, ..], got " + x);
    }
    Rules.channels(name(), x, Rules.required(name(), inputs, 1));
    Rules.channels(name(), x, Rules.required(name(), inputs, 2));
    return List.of(Fact.of(x.dtype(), x.shape()));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Steps.input(inputs, 0);
    Tensor y = outputs.getFirst();
    long n = x.dim(0);
    long channels = x.dim(1);
    long size = n * channels == 0 ? 0 : x.elements() / (n * channels);
    Tensor rows = x.reshape(n * channels, size);
    Tensor normal = scratch.empty(x.dtype(), rows.shape());
    Tensor product = scratch.empty(x.dtype(), Shape.of(n, channels, size));
    Tensor rstd = scratch.empty(x.dtype(), Shape.of(n * channels));
    Tensor one = scratch.empty(x.dtype(), Shape.of(size));
    Tensor zero = scratch.empty(x.dtype(), Shape.of(size));
    var kernel = kernels.layerNorm();
    Tensor into = product.reshape(n * channels, size);
    Step normalize =
        () -> {
          one.fill(1);
          zero.zero();
          kernel.forward(rows, one, zero, epsilon, into, normal, rstd);
        };
    Tensor scale = Steps.input(inputs, 1).reshape(channels, 1);
    Tensor bias = Steps.input(inputs, 2).reshape(channels, 1);
    Tensor scaled = normal.reshape(n, channels, size);
    return Steps.sequence(
        normalize,
        Elementwise.binary(kernels, Binary.Function.MUL, product, scale, scaled, scratch),
        Elementwise.binary(
            kernels, Binary.Function.ADD, scaled, bias, y.reshape(n, channels, size), scratch));
  }
}
