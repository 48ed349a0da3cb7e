package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.GatherNd;

/** {@code GatherND}, opset 11–20; batch axes since opset 12. */
final class OnnxGatherNd implements OnnxOperator {
  @Override
  public String name() {
    return "GatherND";
  }

  @Override
  public int since() {
    return 11;
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new GatherNd(node.axis("batch_dims", 0)), node.input(0), node.input(1));
  }
}
