package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Reduce;

/** {@code GlobalMaxPool}, opset 1–20: a reduction of the spatial axes. */
final class OnnxGlobalMaxPool implements OnnxOperator {
  @Override
  public String name() {
    return "GlobalMaxPool";
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new Reduce(Reduce.Kind.MAX, Spatial.axes(node), true), node.input(0));
  }
}
