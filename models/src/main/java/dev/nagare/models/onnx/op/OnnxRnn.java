package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Rnn;

/** {@code RNN}, opset 7–20. */
final class OnnxRnn implements OnnxOperator {
  @Override
  public String name() {
    return "RNN";
  }

  @Override
  public void add(NodeReader node) {
    var reader = new RecurrentReader(node);
    node.emit(
        new Rnn(reader.spec()),
        node.input(0),
        reader.weight(1, 0),
        reader.weight(2, 0),
        reader.bias(0),
        node.optional(4),
        node.optional(5));
  }
}
