package dev.nagare.models.onnx.op;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;

/** {@code Mean}, opset 8–20: the mean of any number of tensors, with broadcasting. */
final class OnnxMean implements OnnxOperator {
  @Override
  public String name() {
    return "Mean";
  }

  @Override
  public void add(NodeReader node) {
    Value sum = node.input(0);
    for (int i = 1; i < node.inputs(); i++) {
      sum = node.add(new Binary(Binary.Function.ADD), sum, node.input(i));
    }
    node.emit(new Binary(Binary.Function.DIV), sum, Constants.like(node, sum, node.inputs()));
  }
}
