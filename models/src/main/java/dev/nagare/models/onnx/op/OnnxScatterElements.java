package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Combine;
import dev.nagare.graph.op.ScatterElements;

/**
 * {@code ScatterElements}, opset 11–20, and what it was before, {@code Scatter}, opset 9–10: sums
 * and products since opset 16, extremes since 18.
 */
record OnnxScatterElements(String name, int since, int until) implements OnnxOperator {
  @Override
  public void add(NodeReader node) {
    Combine combine = combine(node);
    int axis = node.axis("axis", 0);
    node.emit(new ScatterElements(axis, combine), node.input(0), node.input(1), node.input(2));
  }

  /** What the attribute of this and of ScatterND says. */
  static Combine combine(NodeReader node) {
    String reduction = node.text("reduction", "none");
    return switch (reduction) {
      case "none" -> Combine.REPLACE;
      case "add" -> Combine.ADD;
      case "mul" -> Combine.MUL;
      case "max" -> Combine.MAX;
      case "min" -> Combine.MIN;
      default -> throw node.refuse("reduction " + reduction);
    };
  }
}
