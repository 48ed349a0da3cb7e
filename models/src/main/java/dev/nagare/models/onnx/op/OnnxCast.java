package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Cast;
import dev.nagare.models.onnx.proto.ElementType;
import dev.nagare.tensor.DType;

/** {@code Cast}, opset 6–20: another element type. */
final class OnnxCast implements OnnxOperator {
  @Override
  public String name() {
    return "Cast";
  }

  @Override
  public void add(NodeReader node) {
    node.ignore("saturate"); // of 8-bit floats
    DType to = ElementType.dtype(node.integer("to"), node.describe());
    node.emit(new Cast(to), node.input(0));
  }
}
