package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Where;

/** {@code Where}, opset 9–20. */
final class OnnxWhere implements OnnxOperator {
  @Override
  public String name() {
    return "Where";
  }

  @Override
  public int since() {
    return 9;
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new Where(), node.input(0), node.input(1), node.input(2));
  }
}
