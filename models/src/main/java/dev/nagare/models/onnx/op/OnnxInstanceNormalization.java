package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.InstanceNorm;

/** {@code InstanceNormalization}, opset 6–20. */
final class OnnxInstanceNormalization implements OnnxOperator {
  @Override
  public String name() {
    return "InstanceNormalization";
  }

  @Override
  public void add(NodeReader node) {
    node.emit(
        new InstanceNorm(node.number("epsilon", 1e-5f)),
        node.input(0),
        node.input(1),
        node.input(2));
  }
}
