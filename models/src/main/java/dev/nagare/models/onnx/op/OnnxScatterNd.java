package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Combine;
import dev.nagare.graph.op.ScatterNd;

/** {@code ScatterND}, opset 11–20: sums and products since opset 16, extremes since 18. */
final class OnnxScatterNd implements OnnxOperator {
  @Override
  public String name() {
    return "ScatterND";
  }

  @Override
  public int since() {
    return 11;
  }

  @Override
  public void add(NodeReader node) {
    Combine combine = OnnxScatterElements.combine(node);
    node.emit(new ScatterNd(combine), node.input(0), node.input(1), node.input(2));
  }
}
