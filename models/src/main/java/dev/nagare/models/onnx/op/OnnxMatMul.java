package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.MatMul;

/** {@code MatMul}, opset 1–20: NumPy's. */
final class OnnxMatMul implements OnnxOperator {
  @Override
  public String name() {
    return "MatMul";
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new MatMul(false, false), node.input(0), node.input(1));
  }
}
