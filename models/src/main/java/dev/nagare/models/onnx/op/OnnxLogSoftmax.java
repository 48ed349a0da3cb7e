package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.LogSoftmax;

/**
 * {@code LogSoftmax}, opset 1–20. Until opset 12 the tensor is seen as a matrix that begins its
 * columns with the axis, by default 1; since opset 13 the axis is alone, by default the last.
 */
final class OnnxLogSoftmax implements OnnxOperator {
  @Override
  public String name() {
    return "LogSoftmax";
  }

  @Override
  public void add(NodeReader node) {
    SoftmaxShapes.emit(node, LogSoftmax::new);
  }
}
