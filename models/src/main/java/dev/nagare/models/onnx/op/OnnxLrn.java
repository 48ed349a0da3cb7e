package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.LocalResponseNorm;

/** {@code LRN}, opset 1–20. */
final class OnnxLrn implements OnnxOperator {
  @Override
  public String name() {
    return "LRN";
  }

  @Override
  public void add(NodeReader node) {
    int size = node.axis(node.integer("size"), "size");
    double alpha = node.number("alpha", 0.0001f);
    double beta = node.number("beta", 0.75);
    node.emit(new LocalResponseNorm(size, alpha, beta, node.number("bias", 1)), node.input(0));
  }
}
