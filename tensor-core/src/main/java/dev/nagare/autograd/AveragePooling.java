package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.AveragePool;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.SlidingWindow;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Window;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The mean of what a window sees, or of equal parts of an image, in each channel.
 *
 * <p>Shapes: {@code [N, C, H, W] -> [N, C, H', W']}, or {@code [N, C, L] -> [N, C, L']}; with a
 * window H' and W' are as {@link Window#outH} and {@link Window#outW}, or rounded up, and with
 * parts they are given. Dtypes: F32, F64. Results lie channels-last. Gradient: in equal shares.
 * Source: {@code torch.nn.functional.avg_pool2d}, {@code avg_pool1d}, {@code adaptive_avg_pool2d},
 * {@code adaptive_avg_pool1d}.
 */
final class AveragePooling extends Node {
  /** Null for equal parts. */
  private final @Nullable Window window;

  private final boolean includePadding;

  /** Whether the axes that were averaged are gone from the result. */
  private final boolean flat;

  private AveragePooling(
      Variable x, @Nullable Window window, boolean includePadding, boolean flat) {
    super("averagePool", x);
    this.window = window;
    this.includePadding = includePadding;
    this.flat = flat;
  }

  static Variable apply(Variable x, Window window, boolean includePadding, boolean ceil) {
    Tape tape = Tape.of("averagePool", x);
    Images.require("averagePool", x);
    Tensor images = Images.of(tape, x.value());
    long h = ceil ? window.ceilH(images.dim(1)) : window.outH(images.dim(1));
    long w = ceil ? window.ceilW(images.dim(2)) : window.outW(images.dim(2));
    Tensor out = Images.empty(tape, images, images.dim(0), h, w, images.dim(3));
    tape.kernels().pooling().average(window, includePadding, images, out);
    var node = new AveragePooling(x, window, includePadding, false);
    return tape.record(node, Images.logical(out, x.shape().rank()));
  }

  /** Means of h x w parts; h is 1 for {@code [N, C, L]}. */
  static Variable ofParts(Variable x, long h, long w) {
    Tape tape = Tape.of("averagePool", x);
    Images.require("averagePool", x);
    Tensor images = Images.of(tape, x.value());
    Tensor out = Images.empty(tape, images, images.dim(0), h, w, images.dim(3));
    tape.kernels().pooling().adaptiveAverage(images, out);
    var node = new AveragePooling(x, null, false, false);
    return tape.record(node, Images.logical(out, x.shape().rank()));
  }

  /** The mean of each channel, {@code [N, C]}. */
  static Variable ofChannels(Variable x) {
    Tape tape = Tape.of("averagePool", x);
    Images.require("averagePool", x);
    Tensor images = Images.of(tape, x.value());
    Tensor out = Images.empty(tape, images, images.dim(0), 1, 1, images.dim(3));
    tape.kernels().pooling().adaptiveAverage(images, out);
    var node = new AveragePooling(x, null, false, true);
    return tape.record(node, out.reshape(out.dim(0), out.dim(3)));
  }

  @Override
  protected Value trace(Tracing into) {
    Value x = into.value(input(0));
    int axes = input(0).shape().rank() - 2;
    if (window != null) {
      return into.add(new AveragePool(SlidingWindow.of(window, axes), includePadding, false), x);
    }
    if (!flat && !into.shape().subList(2, axes + 2).stream().allMatch(dim -> dim.is(1))) {
      throw untraceable(); // parts of a size that depends on the image
    }
    List<Integer> spatial = axes == 1 ? List.of(2) : List.of(2, 3);
    return into.add(new Reduce(Reduce.Kind.MEAN, spatial, !flat), x);
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor dy =
        flat ? gradient.reshape(gradient.dim(0), 1, 1, gradient.dim(1)) : Images.of(tape, gradient);
    MemoryOrder.add(
        tape,
        input(0),
        MemoryOrder.channelsLast(input(0).shape().rank()),
        dx -> {
          if (window == null) {
            tape.kernels().pooling().adaptiveAverageBackward(dy, Images.wide(dx));
          } else {
            tape.kernels().pooling().averageBackward(window, includePadding, dy, Images.wide(dx));
          }
        });
  }
}
