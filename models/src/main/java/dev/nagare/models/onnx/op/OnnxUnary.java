package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Unary;

/**
 * A function of one argument, element by element: ONNX's operator and ours are the same.
 *
 * @param name in model files
 * @param since the first operator set that has it
 * @param function ours
 */
record OnnxUnary(String name, int since, Unary.Function function) implements OnnxOperator {
  OnnxUnary(String name, Unary.Function function) {
    this(name, OnnxOperators.FIRST_OPSET, function);
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new Unary(function), node.input(0));
  }
}
