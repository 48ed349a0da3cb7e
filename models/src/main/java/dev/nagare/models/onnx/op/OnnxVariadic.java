package dev.nagare.models.onnx.op;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Identity;

/**
 * A function of any number of arguments, opset 8–20: a chain of one of two arguments, from the
 * left.
 *
 * @param name in model files
 * @param function of two arguments
 */
record OnnxVariadic(String name, Binary.Function function) implements OnnxOperator {
  @Override
  public void add(NodeReader node) {
    if (node.inputs() == 0) {
      throw node.refuse("it has no inputs");
    }
    Value all = node.input(0);
    for (int i = 1; i < node.inputs() - 1; i++) {
      all = node.add(new Binary(function), all, node.input(i));
    }
    if (node.inputs() == 1) {
      node.emit(new Identity(), all);
    } else {
      node.emit(new Binary(function), all, node.input(node.inputs() - 1));
    }
  }
}
