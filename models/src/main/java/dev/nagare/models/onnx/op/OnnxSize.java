package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Size;

/** {@code Size}, opset 1–20: the number of elements. */
final class OnnxSize implements OnnxOperator {
  @Override
  public String name() {
    return "Size";
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new Size(), node.input(0));
  }
}
