package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.MaxPool;
import dev.nagare.graph.op.SlidingWindow;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Window;

/**
 * The largest value that a window sees, in each channel.
 *
 * <p>Shapes: {@code [N, C, H, W] -> [N, C, H', W']} with H' and W' as {@link Window#outH} and
 * {@link Window#outW}, or {@link Window#ceilH} and {@link Window#ceilW}, or {@code [N, C, L] -> [N,
 * C, L']}. Dtypes: F32, F64. Results lie channels-last. Gradient: to the first of the largest, row
 * by row. Source: {@code torch.nn.functional.max_pool2d}, {@code max_pool1d}.
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

  static Variable apply(Variable x, Window window, boolean ceil) {
    Tape tape = Tape.of("maxPool", x);
    Images.require("maxPool", x);
    Tensor images = Images.of(tape, x.value());
    Tensor out =
        Images.empty(
            tape,
            images,
            images.dim(0),
            ceil ? window.ceilH(images.dim(1)) : window.outH(images.dim(1)),
            ceil ? window.ceilW(images.dim(2)) : window.outW(images.dim(2)),
            images.dim(3));
    tape.kernels().pooling().max(window, images, out);
    var node = new MaxPooling(x, window, images, out);
    return tape.record(node, Images.logical(out, x.shape().rank()));
  }

  @Override
  protected Value trace(Tracing into) {
    int axes = input(0).shape().rank() - 2;
    return into.add(
        new MaxPool(SlidingWindow.of(window, axes), false, MaxPool.Positions.NONE),
        into.value(input(0)));
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
