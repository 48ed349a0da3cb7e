package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Cast;

/** {@code CastLike}, opset 15–20: the element type of the second input. */
final class OnnxCastLike implements OnnxOperator {
  @Override
  public String name() {
    return "CastLike";
  }

  @Override
  public int since() {
    return 15;
  }

  @Override
  public void add(NodeReader node) {
    node.ignore("saturate"); // of 8-bit floats
    node.emit(new Cast(node.fact(1).dtype()), node.input(0));
  }
}
