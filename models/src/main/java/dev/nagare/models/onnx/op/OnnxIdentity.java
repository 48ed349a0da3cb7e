package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Identity;

/** {@code Identity}, opset 1–20: the input, as it is. */
final class OnnxIdentity implements OnnxOperator {
  @Override
  public String name() {
    return "Identity";
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new Identity(), node.input(0));
  }
}
