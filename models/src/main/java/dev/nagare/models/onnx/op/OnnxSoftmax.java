package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Softmax;

/**
 * {@code Softmax}, opset 1–20. Until opset 12 the tensor is seen as a matrix that begins its
 * columns with the axis, by default 1; since opset 13 the axis is alone, by default the last.
 */
final class OnnxSoftmax implements OnnxOperator {
  @Override
  public String name() {
    return "Softmax";
  }

  @Override
  public void add(NodeReader node) {
    SoftmaxShapes.emit(node, Softmax::new);
  }
}
