package dev.nagare.models.onnx.op;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Gru;

/** {@code GRU}, opset 7–20: gates in the order z, r, h become r, z, n. */
final class OnnxGru implements OnnxOperator {
  @Override
  public String name() {
    return "GRU";
  }

  @Override
  public void add(NodeReader node) {
    var reader = new RecurrentReader(node);
    boolean linear = node.flag("linear_before_reset", false);
    Value b = node.optional(3);
    node.emit(
        new Gru(reader.spec(), linear),
        node.input(0),
        reader.weight(1, 1, 0, 2),
        reader.weight(2, 1, 0, 2),
        b == null ? null : reader.arranged(b, 1, 0, 2, 4, 3, 5),
        node.optional(4),
        node.optional(5));
  }
}
