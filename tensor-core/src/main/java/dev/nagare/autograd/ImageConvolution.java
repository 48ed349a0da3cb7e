package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Convolution;
import dev.nagare.tensor.kernel.Window;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolution in groups; for the formula see {@link Convolution}.
 *
 * <p>Shapes: x {@code [N, C, H, W]}, weight {@code [O, C / groups, kernelH, kernelW]}, bias {@code
 * [O]} or none {@code -> [N, O, H', W']} with H' and W' as {@link Window#outH} and {@link
 * Window#outW}; or x {@code [N, C, L]} and weight {@code [O, C / groups, kernelW]}. Dtypes: F32,
 * F64. Images of any strides are taken, copied unless they lie channels-last; results lie
 * channels-last. Gradient: to all three. Source: {@code torch.nn.functional.conv2d}, {@code
 * conv1d}.
 */
final class ImageConvolution extends Node {
  private final Window window;
  private final int groups;
  private final Tensor images;

  private ImageConvolution(Window window, int groups, Tensor images, Variable... inputs) {
    super("convolution", inputs);
    this.window = window;
    this.groups = groups;
    this.images = images;
  }

  static Variable apply(
      Variable x, Variable weight, @Nullable Variable bias, Window window, int groups) {
    Tape tape = Tape.of("convolution", x, weight);
    Images.require("convolution", x);
    int rank = x.shape().rank();
    if (weight.shape().rank() != rank
        || groups < 1
        || weight.value().dim(1) * groups != x.value().dim(1)
        || weight.value().dim(0) % groups != 0) {
      throw TensorException.mismatch(
          "convolution: expected x [N, C, ..] with weight [O, C / groups, ..], got "
              + x
              + " with weight "
              + weight
              + " in "
              + groups
              + " groups");
    }
    Tensor images = Images.of(tape, x.value());
    Tensor weights = Images.weights(weight.value());
    Tensor out =
        Images.empty(
            tape,
            images,
            images.dim(0),
            window.outH(images.dim(1)),
            window.outW(images.dim(2)),
            weights.dim(0));
    Tensor shift = bias == null ? null : bias.value();
    ConvolutionInParts.of(tape).forward(window, groups, images, weights, shift, out);
    Variable[] inputs =
        bias == null ? new Variable[] {x, weight} : new Variable[] {x, weight, bias};
    var node = new ImageConvolution(window, groups, images, inputs);
    return tape.record(node, Images.logical(out, rank));
  }

  @Override
  protected Value trace(Tracing into) {
    return into.add(
        new dev.nagare.graph.op.Convolution(window, groups, List.of()),
        into.value(input(0)),
        into.value(input(1)),
        inputs.length == 3 ? into.value(input(2)) : null);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Variable x = input(0);
    Variable weight = input(1);
    Variable bias = inputs.length == 3 ? input(2) : null;
    Convolution kernels = ConvolutionInParts.of(tape);
    Tensor dy = Images.of(tape, gradient);
    boolean bent = bias != null && bias.requiresGradient();
    if (weight.requiresGradient() || bent) {
      // The kernel makes both in one pass; of frozen weights the gradient is thrown away.
      Tensor dWeight = gradientOrPlace(tape, weight);
      Tensor dBias = bent ? gradientOf(tape, input(2)) : null;
      kernels.backwardWeights(window, groups, images, dy, Images.weights(dWeight), dBias);
    }
    if (x.requiresGradient()) {
      Tensor weights = Images.weights(weight.value());
      int[] order = MemoryOrder.channelsLast(x.shape().rank());
      if (x.isFresh(order)) {
        Tensor dx = tape.scope().empty(images.dtype(), images.shape());
        kernels.backwardData(window, groups, dy, weights, dx, false);
        x.give(Images.logical(dx, x.shape().rank()));
      } else {
        MemoryOrder.add(
            tape,
            x,
            order,
            dx -> kernels.backwardData(window, groups, dy, weights, Images.wide(dx), true));
      }
    }
  }
}
