package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Binary;

/**
 * A function of two arguments, element by element with broadcasting, which since opset 7 is
 * NumPy's: ONNX's operator and ours are the same.
 *
 * @param name in model files
 * @param since the first operator set that has it
 * @param function ours
 */
record OnnxBinary(String name, int since, Binary.Function function) implements OnnxOperator {
  OnnxBinary(String name, Binary.Function function) {
    this(name, OnnxOperators.FIRST_OPSET, function);
  }

  @Override
  public void add(NodeReader node) {
    node.emit(new Binary(function), node.input(0), node.input(1));
  }
}
