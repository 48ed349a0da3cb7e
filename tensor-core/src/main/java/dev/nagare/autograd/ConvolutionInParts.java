package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Convolution;
import dev.nagare.tensor.kernel.Parts;
import dev.nagare.tensor.kernel.Window;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Convolution of a batch whose images are shared out by a tape's {@link Parts}.
 *
 * <p>An image's result and gradient have the bits that they have in one part. The gradients of
 * weights and bias are sums over images: each part has its own, and they are added in the order of
 * the parts, so those bits depend on how many there are.
 */
final class ConvolutionInParts implements Convolution {
  private final Tape tape;
  private final Convolution kernels;
  private final Parts parts;

  private ConvolutionInParts(Tape tape) {
    this.tape = tape;
    this.kernels = tape.kernels().convolution();
    this.parts = tape.parts();
  }

  /** The kernels of a tape, in parts if it has more than one. */
  static Convolution of(Tape tape) {
    return tape.parts().count() == 1 ? tape.kernels().convolution() : new ConvolutionInParts(tape);
  }

  private interface Rows {
    void accept(int part, long from, long count);
  }

  private void run(long rows, Rows work) {
    parts.run(
        part -> {
          long from = parts.begin(rows, part);
          long some = parts.begin(rows, part + 1) - from;
          if (some > 0) {
            work.accept(part, from, some);
          }
        });
  }

  @Override
  public void forward(
      Window window, int groups, Tensor x, Tensor weight, @Nullable Tensor bias, Tensor y) {
    run(
        x.dim(0),
        (part, from, count) ->
            kernels.forward(
                window, groups, x.narrow(from, count), weight, bias, y.narrow(from, count)));
  }

  @Override
  public void backwardData(
      Window window, int groups, Tensor dy, Tensor weight, Tensor dx, boolean accumulate) {
    run(
        dy.dim(0),
        (part, from, count) ->
            kernels.backwardData(
                window,
                groups,
                dy.narrow(from, count),
                weight,
                dx.narrow(from, count),
                accumulate));
  }

  @Override
  public void backwardWeights(
      Window window, int groups, Tensor x, Tensor dy, Tensor dWeight, @Nullable Tensor dBias) {
    List<Tensor> weights = each(dWeight);
    List<Tensor> biases = dBias == null ? List.of() : each(dBias);
    run(
        x.dim(0),
        (part, from, count) ->
            kernels.backwardWeights(
                window,
                groups,
                x.narrow(from, count),
                dy.narrow(from, count),
                weights.get(part),
                biases.isEmpty() ? null : biases.get(part)));
    add(weights);
    add(biases);
  }

  /** The gradient itself for the first part, zeros for the others. */
  private List<Tensor> each(Tensor gradient) {
    List<Tensor> all = new ArrayList<>();
    all.add(gradient);
    for (int part = 1; part < parts.count(); part++) {
      all.add(tape.scope().zeros(gradient.dtype(), gradient.shape()));
    }
    return all;
  }

  private void add(List<Tensor> gradients) {
    for (int part = 1; part < gradients.size(); part++) {
      tape.kernels().axpy(1, gradients.get(part), gradients.getFirst());
    }
  }
}
