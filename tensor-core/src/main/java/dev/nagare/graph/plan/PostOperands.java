package dev.nagare.graph.plan;

import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.Operand.Extent;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operands of post-ops: how they stretch over a result, and where they lie. */
final class PostOperands {
  private PostOperands() {}

  /**
   * What the operands of a node are; null if a kernel has no name for one of them.
   *
   * @param first which input is the first of them
   * @param channels the axis of the result with an operand per index: 1 for images, else the last
   */
  static @Nullable List<Extent> extents(Node node, List<PostOp> post, int first, int channels) {
    Shape result = PlanBuilder.shape(node.output());
    var extents = new ArrayList<Extent>();
    int next = first;
    for (PostOp op : post) {
      if (op instanceof PostOp.Combine) {
        Extent extent = extent(PlanBuilder.shape(node.input(next++)), result, channels);
        if (extent == null) {
          return null;
        }
        extents.add(extent);
      }
    }
    return extents;
  }

  static @Nullable Extent extent(Shape operand, Shape result, int channels) {
    if (operand.elements() == 1) {
      return Extent.SINGLE;
    }
    if (operand.equals(result)) {
      return Extent.ELEMENT;
    }
    int skipped = result.rank() - operand.rank();
    for (int axis = 0; axis < result.rank(); axis++) {
      long size = axis < skipped ? 1 : operand.dim(axis - skipped);
      if (size != (axis == channels ? result.dim(axis) : 1)) {
        return null;
      }
    }
    return Extent.COLUMN;
  }

  /** The operands as a kernel is told of them. */
  static List<Operand> operands(
      PlanBuilder builder, Node node, int first, List<Extent> extents, boolean channelsLast) {
    var operands = new ArrayList<Operand>();
    for (int i = 0; i < extents.size(); i++) {
      Slot slot = slot(builder, node.input(first + i), extents.get(i), channelsLast);
      operands.add(new Operand(extents.get(i), slot.dtype));
    }
    return operands;
  }

  /** The operands as arguments, seen as a result of these sizes with the columns last. */
  static List<Argument> arguments(
      PlanBuilder builder,
      Node node,
      List<PostOp> post,
      int first,
      List<Extent> extents,
      boolean channelsLast,
      long... sizes) {
    var arguments = new ArrayList<Argument>();
    int next = 0;
    for (int i = 0; i < post.size(); i++) {
      if (post.get(i) instanceof PostOp.Combine) {
        Extent extent = extents.get(next);
        Slot slot = slot(builder, node.input(first + next), extent, channelsLast);
        arguments.add(
            switch (extent) {
              case ELEMENT -> Argument.operand(i, slot, sizes);
              case COLUMN -> Argument.operand(i, slot, sizes[sizes.length - 1]);
              case SINGLE -> Argument.operand(i, slot, 1);
            });
        next++;
      }
    }
    return arguments;
  }

  private static Slot slot(PlanBuilder builder, Value value, Extent extent, boolean channelsLast) {
    return builder.slot(value, extent == Extent.ELEMENT && channelsLast);
  }
}
