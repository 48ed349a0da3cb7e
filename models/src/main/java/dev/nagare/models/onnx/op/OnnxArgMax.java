package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.ArgMax;

/**
 * {@code ArgMax} and {@code ArgMin}, opset 1–20: since opset 12 the last of equals may be asked
 * for.
 *
 * @param name in model files
 * @param smallest which of the two
 */
record OnnxArgMax(String name, boolean smallest) implements OnnxOperator {
  @Override
  public void add(NodeReader node) {
    int axis = node.axis("axis", 0);
    boolean keep = node.flag("keepdims", true);
    boolean last = node.flag("select_last_index", false);
    node.emit(new ArgMax(axis, keep, smallest, last), node.input(0));
  }
}
