package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Concat;

/** {@code Concat}, opset 4–20. */
final class OnnxConcat implements OnnxOperator {
  @Override
  public String name() {
    return "Concat";
  }

  @Override
  public void add(NodeReader node) {
    if (node.inputs() == 0) {
      throw node.refuse("it has no inputs");
    }
    node.emit(new Concat(node.axis(node.integer("axis"), "axis")), node.allInputs());
  }
}
