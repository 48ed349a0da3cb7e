package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.LeakyRelu;

/** {@code LeakyRelu}, opset 6–20. */
final class OnnxLeakyRelu implements OnnxOperator {
  @Override
  public String name() {
    return "LeakyRelu";
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new LeakyRelu(node.number("alpha", 0.01f)), node.input(0));
  }
}
