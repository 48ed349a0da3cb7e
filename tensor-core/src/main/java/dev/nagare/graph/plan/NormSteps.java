package dev.nagare.graph.plan;

import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.LayerNorm;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.prepared.LayerNormSpec;
import dev.nagare.tensor.kernel.prepared.SoftmaxSpec;
import java.util.ArrayList;
import java.util.List;

/** Layer normalisation and softmax, which go by rows, as prepared kernels. */
final class NormSteps {
  private NormSteps() {}

  private static long last(Shape shape, int axis) {
    long product = 1;
    for (int i = axis < 0 ? axis + shape.rank() : axis; i < shape.rank(); i++) {
      product *= shape.dim(i);
    }
    return product;
  }

  private static boolean fits(Node node) {
    return node.input(0).fact().dtype() == DType.F32
        && PlanBuilder.shape(node.output()).elements() > 0;
  }

  static boolean canPrepare(Node node, LayerNorm op) {
    long n = last(PlanBuilder.shape(node.output()), op.axis());
    for (int i = 1; i < 3; i++) {
      Value parameter = node.optional(i);
      if (parameter != null && PlanBuilder.shape(parameter).elements() != n) {
        return false;
      }
    }
    return fits(node);
  }

  static void add(PlanBuilder builder, Node node, LayerNorm op) {
    Shape shape = PlanBuilder.shape(node.output());
    long n = last(shape, op.axis());
    long rows = shape.elements() / n;
    Slot x = builder.slot(node.input(0), false);
    DType result = builder.dtypeOf(node.output());
    Value scale = node.optional(1);
    Value shift = node.optional(2);
    List<Argument> shared = new ArrayList<>();
    if (scale != null) {
      shared.add(Argument.input(1, builder.slot(scale, false, DType.F32), n));
    }
    if (shift != null) {
      int index = scale == null ? 1 : 2;
      shared.add(Argument.input(index, builder.slot(shift, false, DType.F32), n));
    }
    Argument input = Argument.input(0, x, rows, n);
    Argument output = Argument.output(builder.define(node.output(), false, result), rows, n);
    List<PreparedStep.Part> parts = new ArrayList<>();
    for (Block block : Block.of(rows, builder.lanes(), 2)) {
      var spec =
          new LayerNormSpec(
              block.count(), n, op.epsilon(), scale != null, shift != null, x.dtype, result);
      List<Argument> arguments = new ArrayList<>(shared);
      arguments.add(input.cut(0, block.from(), block.count()));
      arguments.add(output.cut(0, block.from(), block.count()));
      parts.add(
          new PreparedStep.Part(
              builder.own(builder.kernels().prepared().layerNorm(spec)), arguments));
    }
    builder.add(new PreparedStep(node.name(), node.operator().toString(), parts));
  }

  static boolean canPrepareSoftmax(Node node, int axis) {
    Shape shape = PlanBuilder.shape(node.output());
    int at = axis < 0 ? axis + shape.rank() : axis;
    return fits(node) && last(shape, at) == shape.dim(at);
  }

  static void addSoftmax(PlanBuilder builder, Node node, int axis, boolean log) {
    Shape shape = PlanBuilder.shape(node.output());
    long n = last(shape, axis);
    long rows = shape.elements() / n;
    Slot x = builder.slot(node.input(0), false);
    DType result = builder.dtypeOf(node.output());
    Argument input = Argument.input(0, x, rows, n);
    Argument output = Argument.output(builder.define(node.output(), false, result), rows, n);
    List<PreparedStep.Part> parts = new ArrayList<>();
    for (Block block : Block.of(rows, builder.lanes(), 2)) {
      var spec = new SoftmaxSpec(block.count(), n, log, x.dtype, result);
      parts.add(
          new PreparedStep.Part(
              builder.own(builder.kernels().prepared().softmax(spec)),
              List.of(
                  input.cut(0, block.from(), block.count()),
                  output.cut(0, block.from(), block.count()))));
    }
    builder.add(new PreparedStep(node.name(), node.operator().toString(), parts));
  }
}
