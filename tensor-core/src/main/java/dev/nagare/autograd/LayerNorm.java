package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * Layer normalisation over the last axis.
 *
 * <p>Formula: see {@link dev.nagare.tensor.kernel.LayerNorm}. Shapes: x {@code [.., C]}, weight and
 * bias {@code [C] -> [.., C]}, in any strides. Dtypes: F32, F64. Gradient: to all three. Source:
 * Ba, Kiros and Hinton (2016); {@code torch.nn.functional.layer_norm} over one axis.
 */
final class LayerNorm extends Node {
  private final double epsilon;
  private final Tensor scale;
  private final Tensor normal;
  private final Tensor rstd;

  private LayerNorm(
      Variable x,
      Variable weight,
      Variable bias,
      double epsilon,
      Tensor scale,
      Tensor normal,
      Tensor rstd) {
    super("layerNorm", x, weight, bias);
    this.epsilon = epsilon;
    this.scale = scale;
    this.normal = normal;
    this.rstd = rstd;
  }

  static Variable apply(Variable x, Variable weight, Variable bias, double epsilon) {
    Tape tape = Tape.of("layerNorm", x, weight);
    Tensor value = x.value().contiguous(tape.scope());
    if (x.shape().rank() == 0 || value.dim(-1) == 0) {
      throw TensorException.mismatch("layerNorm: expected x [.., C] with C >= 1, got " + x);
    }
    Tensor scale = weight.value().contiguous(tape.scope());
    Tensor out = tape.scope().empty(value.dtype(), x.shape());
    Tensor normal = tape.scope().empty(value.dtype(), x.shape());
    Shape rows = Shape.of(value.elements() / value.dim(-1));
    Tensor rstd = tape.scope().empty(value.dtype(), rows);
    tape.kernels()
        .layerNorm()
        .forward(value, scale, bias.value().contiguous(tape.scope()), epsilon, out, normal, rstd);
    return tape.record(new LayerNorm(x, weight, bias, epsilon, scale, normal, rstd), out);
  }

  @Override
  protected Value trace(Tracing into) {
    return into.add(
        new dev.nagare.graph.op.LayerNorm(-1, epsilon),
        into.value(input(0)),
        into.value(input(1)),
        into.value(input(2)));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Variable x = input(0);
    Variable weight = input(1);
    Variable bias = input(2);
    if (x.requiresGradient()) {
      Tensor dx = gradientOf(tape, x);
      tape.kernels().layerNorm().backward(normal, rstd, scale, gradient, dx);
    }
    if (weight.requiresGradient() || bias.requiresGradient()) {
      Tensor dWeight = gradientOrPlace(tape, weight);
      Tensor dBias = gradientOrPlace(tape, bias);
      tape.kernels().layerNorm().backwardParameters(normal, gradient, dWeight, dBias);
    }
  }
}
