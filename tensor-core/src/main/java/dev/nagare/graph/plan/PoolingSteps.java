package dev.nagare.graph.plan;

import dev.nagare.graph.Node;
import dev.nagare.graph.op.AveragePool;
import dev.nagare.graph.op.MaxPool;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.SlidingWindow;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.Window;
import dev.nagare.tensor.kernel.prepared.PoolingSpec;
import java.util.ArrayList;
import java.util.List;

/** Poolings of images, and means over whole ones, as prepared kernels. */
final class PoolingSteps {
  private PoolingSteps() {}

  private static boolean fits(Node node) {
    Shape shape = PlanBuilder.shape(node.input(0));
    return node.input(0).fact().dtype() == DType.F32
        && shape.rank() == 4
        && shape.elements() > 0
        && PlanBuilder.shape(node.output()).elements() > 0;
  }

  static boolean canPrepare(Node node, MaxPool op) {
    return fits(node)
        && op.positions() == MaxPool.Positions.NONE
        && seesPixels(window(node, op.window()));
  }

  static boolean canPrepare(Node node, AveragePool op) {
    // what a rounded up window sees beyond the padding does not count, which no kernel knows
    boolean dense = op.window().dilations().stream().allMatch(dilation -> dilation == 1);
    return fits(node)
        && dense
        && !(op.ceil() && op.countIncludePad())
        && seesPixels(window(node, op.window()));
  }

  /** Kernels want less padding than a window is large. */
  private static boolean seesPixels(Window w) {
    return w.top() < w.kernelH()
        && w.bottom() < w.kernelH()
        && w.left() < w.kernelW()
        && w.right() < w.kernelW();
  }

  static boolean canPrepare(Node node, Reduce op) {
    return fits(node)
        && op.kind() == Reduce.Kind.MEAN
        && (op.axes().equals(List.of(2, 3)) || op.axes().equals(List.of(-2, -1)));
  }

  static void add(PlanBuilder builder, Node node, MaxPool op) {
    add(builder, node, PoolingSpec.Kind.MAX, window(node, op.window()));
  }

  static void add(PlanBuilder builder, Node node, AveragePool op) {
    PoolingSpec.Kind kind =
        op.countIncludePad() ? PoolingSpec.Kind.MEAN_WITH_PADDING : PoolingSpec.Kind.MEAN;
    add(builder, node, kind, window(node, op.window()));
  }

  static void add(PlanBuilder builder, Node node, Reduce op) {
    Shape in = PlanBuilder.shape(node.input(0));
    var whole = Window.of(Math.toIntExact(in.dim(2)), Math.toIntExact(in.dim(3)));
    add(builder, node, PoolingSpec.Kind.MEAN, whole);
  }

  private static Window window(Node node, SlidingWindow window) {
    Shape in = PlanBuilder.shape(node.input(0));
    Shape out = PlanBuilder.shape(node.output());
    return window.window(new long[] {in.dim(2), in.dim(3)}, new long[] {out.dim(2), out.dim(3)});
  }

  private static void add(PlanBuilder builder, Node node, PoolingSpec.Kind kind, Window window) {
    Shape in = PlanBuilder.shape(node.input(0));
    Slot x = builder.slot(node.input(0), true);
    Slot y = builder.define(node.output(), true, x.dtype);
    long[] to = {in.dim(0), window.outH(in.dim(2)), window.outW(in.dim(3)), in.dim(1)};
    Argument input = Argument.input(0, x, in.dim(0), in.dim(2), in.dim(3), in.dim(1));
    Argument output = Argument.output(y, to);
    List<PreparedStep.Part> parts = new ArrayList<>();
    for (Block block : Block.of(in.dim(0), builder.lanes(), 1)) {
      var spec =
          new PoolingSpec(kind, block.count(), in.dim(2), in.dim(3), in.dim(1), window, x.dtype);
      parts.add(
          new PreparedStep.Part(
              builder.own(builder.kernels().prepared().pooling(spec)),
              List.of(
                  input.cut(0, block.from(), block.count()),
                  output.cut(0, block.from(), block.count()))));
    }
    builder.add(new PreparedStep(node.name(), node.operator().toString(), parts));
  }
}
