package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Trilu;

/** {@code Trilu}, opset 14–20: where the edge is, an input, must be constant. */
final class OnnxTrilu implements OnnxOperator {
  @Override
  public String name() {
    return "Trilu";
  }

  @Override
  public int since() {
    return 14;
  }

  @Override
  public void add(NodeReader node) {
    long k = node.has(1) ? node.oneInteger(1) : 0;
    node.emit(new Trilu(node.flag("upper", true), k), node.input(0));
  }
}
