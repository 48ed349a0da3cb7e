package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.ConstantOfShape;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;

/** {@code ConstantOfShape}, opset 9–20: one value, F32 0 by default. */
final class OnnxConstantOfShape implements OnnxOperator {
  @Override
  public String name() {
    return "ConstantOfShape";
  }

  @Override
  public int since() {
    return 9;
  }

  @Override
  public void add(NodeReader node) {
    Tensor value = node.tensor("value");
    if (value == null) {
      node.emit(new ConstantOfShape(node.sizes(0), DType.F32, 0));
    } else if (value.elements() == 1) {
      node.emit(new ConstantOfShape(node.sizes(0), value.dtype(), value.get(0)));
    } else {
      throw node.refuse("value: expected one element, got " + value);
    }
  }
}
