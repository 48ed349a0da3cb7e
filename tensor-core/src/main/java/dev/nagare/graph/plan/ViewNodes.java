package dev.nagare.graph.plan;

import dev.nagare.graph.Node;
import dev.nagare.graph.Operator;
import dev.nagare.graph.op.Dropout;
import dev.nagare.graph.op.Identity;
import dev.nagare.graph.op.Reshape;

/** Nodes that compute nothing: their output is their input, seen in another shape. */
final class ViewNodes {
  private ViewNodes() {}

  static boolean isView(Operator operator) {
    return operator instanceof Reshape
        || operator instanceof Identity
        || operator instanceof Dropout;
  }

  static boolean add(PlanBuilder builder, Node node) {
    if (!isView(node.operator()) || node.input(0).isConstant() || node.outputs().size() != 1) {
      return false;
    }
    boolean same =
        PlanBuilder.shape(node.input(0)).equals(PlanBuilder.shape(node.output()))
            && builder.isChannelsLast(node.input(0));
    builder.defineView(node.output(), builder.slot(node.input(0), same));
    return true;
  }
}
