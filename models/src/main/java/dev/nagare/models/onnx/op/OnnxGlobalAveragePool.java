package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Reduce;

/** {@code GlobalAveragePool}, opset 1–20: a reduction of the spatial axes. */
final class OnnxGlobalAveragePool implements OnnxOperator {
  @Override
  public String name() {
    return "GlobalAveragePool";
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new Reduce(Reduce.Kind.MEAN, Spatial.axes(node), true), node.input(0));
  }
}
