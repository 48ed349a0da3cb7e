package dev.nagare.models.onnx.op;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.ConstantOfShape;
import dev.nagare.graph.op.Dropout;
import dev.nagare.tensor.DType;

/**
 * {@code Dropout}, opset 7–20, at inference: the input, as it is, and a mask that is true
 * everywhere. A node that drops when it runs, as opset 12 allows, is not supported.
 */
final class OnnxDropout implements OnnxOperator {
  @Override
  public String name() {
    return "Dropout";
  }

  @Override
  public void add(NodeReader node) {
    node.ignore("ratio", "seed");
    if (node.has(2) && node.scalar(2, 0) != 0 && node.scalar(1, 0.5) != 0) {
      throw node.refuse("training_mode is not supported");
    }
    Value x = node.input(0);
    node.define(0, node.add(node.outputName(0), new Dropout(), x));
    if (node.wants(1)) {
      // Until opset 9 the mask has the input's type.
      DType mask = node.opset() < 10 ? x.fact().dtype() : DType.BOOL;
      node.define(1, node.add(node.outputName(1), new ConstantOfShape(x.fact().shape(), mask, 1)));
    }
  }
}
