package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Elu;

/** {@code Elu}, opset 6–20. */
final class OnnxElu implements OnnxOperator {
  @Override
  public String name() {
    return "Elu";
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new Elu(node.number("alpha", 1)), node.input(0));
  }
}
