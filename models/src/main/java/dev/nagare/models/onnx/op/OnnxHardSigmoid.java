package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.HardSigmoid;

/** {@code HardSigmoid}, opset 6–20. */
final class OnnxHardSigmoid implements OnnxOperator {
  @Override
  public String name() {
    return "HardSigmoid";
  }

  @Override
  public void add(NodeReader node) {
    double alpha = node.number("alpha", 0.2f);
    node.emit(new HardSigmoid(alpha, node.number("beta", 0.5)), node.input(0));
  }
}
