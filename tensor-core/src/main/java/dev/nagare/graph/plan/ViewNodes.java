package dev.nagare.graph.plan;

import dev.nagare.graph.Node;
import dev.nagare.graph.op.Dropout;
import dev.nagare.graph.op.Gather;
import dev.nagare.graph.op.Identity;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Transpose;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.List;

/** Nodes that compute nothing: their output is their input, or a part of it, seen otherwise. */
final class ViewNodes {
  private ViewNodes() {}

  static boolean isView(Node node) {
    return switch (node.operator()) {
      case Reshape op -> true;
      case Identity op -> true;
      case Dropout op -> true;
      case Transpose op -> movesNothing(op.axes(), PlanBuilder.shape(node.input(0)));
      case Gather op -> isOnePart(node, op);
      default -> false;
    };
  }

  /** Whether only axes of one element change places. */
  private static boolean movesNothing(List<Integer> axes, Shape shape) {
    List<Integer> moved = axes.stream().filter(axis -> shape.dim(axis) != 1).toList();
    return moved.stream().sorted().toList().equals(moved);
  }

  /** Whether it takes one index, known already, of the first axis that has several. */
  private static boolean isOnePart(Node node, Gather op) {
    Shape table = PlanBuilder.shape(node.input(0));
    Tensor index = node.input(1).constant();
    if (index == null || index.elements() != 1 || before(table, op) != 1) {
      return false;
    }
    long size = table.dim(axis(table, op));
    return index.getLong(0) >= -size && index.getLong(0) < size;
  }

  private static int axis(Shape table, Gather op) {
    return op.axis() < 0 ? op.axis() + table.rank() : op.axis();
  }

  private static long before(Shape table, Gather op) {
    long before = 1;
    for (int i = 0; i < axis(table, op); i++) {
      before *= table.dim(i);
    }
    return before;
  }

  /** Bytes before the part that a node takes. */
  private static long from(Node node, Slot of) {
    Tensor index = node.inputs().size() > 1 ? node.input(1).constant() : null;
    if (!(node.operator() instanceof Gather op) || index == null) {
      return 0;
    }
    long size = of.shape.dim(axis(of.shape, op));
    long which = index.getLong(0) < 0 ? index.getLong(0) + size : index.getLong(0);
    return which * (of.bytes() / size);
  }

  static boolean add(PlanBuilder builder, Node node) {
    if (node.outputs().size() != 1 || node.input(0).isConstant() || !isView(node)) {
      return false;
    }
    boolean same =
        PlanBuilder.shape(node.input(0)).equals(PlanBuilder.shape(node.output()))
            && builder.isChannelsLast(node.input(0));
    boolean keeps = same && !(node.operator() instanceof Transpose);
    Slot of = builder.slot(node.input(0), keeps);
    builder.defineView(node.output(), of, from(node, of));
    return true;
  }
}
