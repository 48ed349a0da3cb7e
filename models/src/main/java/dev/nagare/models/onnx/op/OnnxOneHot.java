package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.op.OneHot;

/** {@code OneHot}, opset 9–20: the depth, an input, must be known as a size. */
final class OnnxOneHot implements OnnxOperator {
  @Override
  public String name() {
    return "OneHot";
  }

  @Override
  public int since() {
    return 9;
  }

  @Override
  public void add(NodeReader node) {
    int axis = node.axis("axis", -1);
    node.emit(new OneHot(depth(node), axis), node.input(0), node.input(2));
  }

  private static Dim depth(NodeReader node) {
    if (node.fact(1).dtype().isFloating()) {
      return Dim.of((long) node.scalar(1, 0));
    }
    return node.oneSize(1);
  }
}
