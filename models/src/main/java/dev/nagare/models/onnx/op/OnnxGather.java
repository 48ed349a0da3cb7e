package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Gather;

/** {@code Gather}, opset 1–20: positions of an axis, by default the first, by their numbers. */
final class OnnxGather implements OnnxOperator {
  @Override
  public String name() {
    return "Gather";
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new Gather(node.axis("axis", 0)), node.input(0), node.input(1));
  }
}
