package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Window;

/**
 * The largest value that a window sees, in each channel.
 *
 * <p>Shapes: {@code [N, C, H, W] -> [N, C, H', W']} with H' and W' as {@link Window#outH} and
 * {@link Window#outW}, or {@code [N, C, L] -> [N, C, L']}. Dtypes: F32, F64. Results lie
 * channels-last. Gradient: to the first of the largest, row by row. Source: {@code
 * torch.nn.functional.max_pool2d}, {@code max_pool1d}.
 */
final class MaxPooling extends Node {
  private final Window window;
  private final Tensor images;
  private final Tensor out;

  private MaxPooling(Variable x, Window window, Tensor images, Tensor out) {
    super("maxPool", x);
    this.window = window;
    this.images = images;
    this.out = out;
  }

  static Variable apply(Variable x, Window window) {
    Tape tape = Tape.of("maxPool", x);
    Images.require("maxPool", x);
    Tensor images = Images.of(tape, x.value());
    Tensor out =
        Images.empty(
            tape,
            images,
            images.dim(0),
            window.outH(images.dim(1)),
            window.outW(images.dim(2)),
            images.dim(3));
    tape.kernels().pooling().max(window, images, out);
    var node = new MaxPooling(x, window, images, out);
    return tape.record(node, Images.logical(out, x.shape().rank()));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dy = Images.of(tape, gradient);
    MemoryOrder.add(
        tape,
        input(0),
        MemoryOrder.channelsLast(gradient.shape().rank()),
        dx -> tape.kernels().pooling().maxBackward(window, images, out, dy, Images.wide(dx)));
  }
}
