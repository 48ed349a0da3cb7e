package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.GatherElements;

/** {@code GatherElements}, opset 11–20. */
final class OnnxGatherElements implements OnnxOperator {
  @Override
  public String name() {
    return "GatherElements";
  }

  @Override
  public int since() {
    return 11;
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new GatherElements(node.axis("axis", 0)), node.input(0), node.input(1));
  }
}
