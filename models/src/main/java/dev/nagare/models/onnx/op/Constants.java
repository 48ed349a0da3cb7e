package dev.nagare.models.onnx.op;

import dev.nagare.graph.Value;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/** Constants that operators need. */
final class Constants {
  private Constants() {}

  /** A number in the dtype of a value. */
  static Value like(NodeReader node, Value value, double number) {
    Tensor tensor = node.scope().memory().empty(value.fact().dtype(), Shape.of());
    tensor.set(0, number);
    return node.newConstant("", tensor);
  }
}
