package dev.nagare.graph.plan;

import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Convolution;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.ConvolutionChoice;
import dev.nagare.tensor.kernel.Window;
import dev.nagare.tensor.kernel.prepared.ConvolutionSpec;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.Operand.Extent;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Convolutions with a constant weight as prepared kernels. */
final class ConvolutionSteps {
  private static final int FIXED_INPUTS = 3;

  private ConvolutionSteps() {}

  static boolean canPrepare(Node node, Convolution op) {
    return node.input(1).isConstant()
        && node.input(0).fact().dtype() == DType.F32
        && PlanBuilder.shape(node.output()).elements() > 0
        && PlanBuilder.shape(node.input(0)).elements() > 0
        && extents(node, op) != null;
  }

  private static @Nullable List<Extent> extents(Node node, Convolution op) {
    return PostOperands.extents(node, op.post(), FIXED_INPUTS, 1);
  }

  /** The sizes of images, {@code [N, 1, W, C]} of one dimension. */
  private static long[] sizes(Shape image) {
    return image.rank() == 4
        ? new long[] {image.dim(0), image.dim(2), image.dim(3), image.dim(1)}
        : new long[] {image.dim(0), 1, image.dim(2), image.dim(1)};
  }

  static void add(PlanBuilder builder, Node node, Convolution op) {
    List<Extent> extents = extents(node, op);
    List<Extent> known = extents == null ? List.of() : extents;
    long[] in = sizes(PlanBuilder.shape(node.input(0)));
    long[] out = sizes(PlanBuilder.shape(node.output()));
    Slot x = builder.slot(node.input(0), true, builder.dtype());
    List<Operand> operands = PostOperands.operands(builder, node, FIXED_INPUTS, known, true);
    List<Argument> shared = new ArrayList<>();
    Value bias = node.optional(2);
    if (bias != null) {
      shared.add(Argument.bias(builder.slot(bias, false, DType.F32), out[3]));
    }
    List<Argument> images = new ArrayList<>();
    PostOperands.arguments(builder, node, op.post(), FIXED_INPUTS, known, true, out)
        .forEach(argument -> (argument.shape().rank() == 4 ? images : shared).add(argument));
    DType result = builder.dtypeOf(node.output());
    images.add(Argument.output(builder.define(node.output(), true, result), out));
    boolean byImage = in[0] >= builder.lanes();
    List<Block> blocks =
        byImage
            ? Block.of(in[0], builder.lanes(), 1)
            : Block.ofGroups(
                in[0] == 1 ? out[1] : 1,
                builder.lanes(),
                ConvolutionSpec.rowsTogether(op.window()));
    List<PreparedStep.Part> parts = new ArrayList<>();
    for (Block block : blocks) {
      boolean whole = blocks.size() == 1;
      Rows rows =
          whole || byImage ? Rows.all(in[1], op.window()) : Rows.of(op.window(), in[1], block);
      long count = byImage && !whole ? block.count() : in[0];
      var spec =
          new ConvolutionSpec(
              count,
              rows.count,
              in[2],
              in[3],
              out[3],
              rows.window,
              op.groups(),
              builder.dtype(),
              result,
              bias != null,
              op.post(),
              operands);
      PreparedKernel kernel = builder.own(builder.kernels().prepared().convolution(spec));
      List<Argument> arguments = new ArrayList<>(shared);
      Argument input = Argument.input(0, x, in);
      if (whole) {
        arguments.add(input);
        arguments.addAll(images);
      } else {
        int axis = byImage ? 0 : 1;
        arguments.add(
            byImage
                ? input.cut(0, block.from(), block.count())
                : input.cut(1, rows.from, rows.count));
        images.forEach(image -> arguments.add(image.cut(axis, block.from(), block.count())));
      }
      arguments.add(Argument.weight(weight(builder, node.input(1), spec, kernel, op.window())));
      parts.add(new PreparedStep.Part(kernel, arguments));
    }
    builder.add(new PreparedStep(node.name(), node.operator().toString(), parts));
  }

  /** Packed in one way for all numbers of images. */
  private static Slot weight(
      PlanBuilder builder,
      Value value,
      ConvolutionSpec spec,
      PreparedKernel kernel,
      Window window) {
    return builder.weight(
        value,
        form(spec, window),
        kernel.packedBytes(),
        (from, to) -> kernel.pack(from.shape().rank() == 3 ? from.unsqueeze(2) : from, to));
  }

  /**
   * What a packed weight depends on. In tiles that is the filters alone: all parts of an image and
   * all images read one. Elsewhere it is the library that knows.
   */
  private static String form(ConvolutionSpec spec, Window window) {
    if (ConvolutionChoice.of(spec) == ConvolutionChoice.WINOGRAD) {
      return "tiles " + List.of(spec.c(), spec.o());
    }
    return "convolution "
        + List.of(spec.h(), spec.w(), spec.c(), spec.o(), spec.groups())
        + window
        + spec.dtype()
        + spec.result()
        + spec.bias()
        + spec.post()
        + spec.operands();
  }

  /**
   * The rows of an image that some rows of a result are made of.
   *
   * @param from the first
   * @param count how many
   * @param window with the padding that is left above and below
   */
  private record Rows(long from, long count, Window window) {
    static Rows all(long h, Window window) {
      return new Rows(0, h, window);
    }

    static Rows of(Window w, long h, Block block) {
      long first = block.from() * w.strideH() - w.top();
      long reach = (long) w.dilationH() * (w.kernelH() - 1) + 1;
      long end = (block.from() + block.count() - 1) * w.strideH() - w.top() + reach;
      long from = Math.max(0, first);
      long to = Math.min(h, end);
      return new Rows(
          from,
          to - from,
          new Window(
              w.kernelH(),
              w.kernelW(),
              w.strideH(),
              w.strideW(),
              w.dilationH(),
              w.dilationW(),
              (int) (from - first),
              w.left(),
              (int) (end - to),
              w.right()));
    }
  }
}
