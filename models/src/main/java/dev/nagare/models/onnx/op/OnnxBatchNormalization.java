package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.BatchNorm;

/**
 * {@code BatchNormalization}, opset 7–20, at inference. Statistics of the batch, which training
 * computes, are not supported, nor are those for each element that opset 8 had.
 */
final class OnnxBatchNormalization implements OnnxOperator {
  @Override
  public String name() {
    return "BatchNormalization";
  }

  @Override
  public void add(NodeReader node) {
    node.ignore("momentum");
    if (node.flag("training_mode", false) || node.wants(1)) {
      throw node.refuse("training is not supported");
    }
    if (node.opset() < 9 && !node.flag("spatial", true)) {
      throw node.refuse("spatial 0 is not supported");
    }
    node.emit(
        new BatchNorm(node.number("epsilon", 1e-5f)),
        node.input(0),
        node.input(1),
        node.input(2),
        node.input(3),
        node.input(4));
  }
}
