package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Lstm;

/** {@code LSTM}, opset 7–20: gates in the order i, o, f, c become i, f, g, o. */
final class OnnxLstm implements OnnxOperator {
  /** Where our gates are among those of the file. */
  private static final int[] ORDER = {0, 2, 3, 1};

  @Override
  public String name() {
    return "LSTM";
  }

  @Override
  public void add(NodeReader node) {
    var reader = new RecurrentReader(node);
    boolean inputForget = node.flag("input_forget", false);
    node.emit(
        new Lstm(reader.spec(), inputForget),
        node.input(0),
        reader.weight(1, ORDER),
        reader.weight(2, ORDER),
        reader.bias(ORDER),
        node.optional(4),
        node.optional(5),
        node.optional(6),
        node.optional(7));
  }
}
