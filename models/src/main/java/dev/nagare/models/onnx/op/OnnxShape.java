package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Shape;

/** {@code Shape}, opset 1–20; since opset 15 of a range of axes. */
final class OnnxShape implements OnnxOperator {
  @Override
  public String name() {
    return "Shape";
  }

  @Override
  public void add(NodeReader node) {
    int start = node.axis("start", 0);
    int end =
        Math.clamp(node.integer("end", Integer.MAX_VALUE), Integer.MIN_VALUE, Integer.MAX_VALUE);
    node.emit(new Shape(start, end), node.input(0));
  }
}
