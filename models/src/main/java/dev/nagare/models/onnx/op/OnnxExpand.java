package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Expand;

/** {@code Expand}, opset 8–20: to a shape, an input that must be known as sizes. */
final class OnnxExpand implements OnnxOperator {
  @Override
  public String name() {
    return "Expand";
  }

  @Override
  public int since() {
    return 8;
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new Expand(node.sizes(1)), node.input(0));
  }
}
