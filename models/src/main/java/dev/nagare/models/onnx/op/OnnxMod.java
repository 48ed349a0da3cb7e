package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Binary;

/**
 * {@code Mod}, opset 10–20: the rest of a quotient, with the sign of the divisor, or with that of
 * the dividend where {@code fmod} is set, as it must be for floating point numbers.
 */
final class OnnxMod implements OnnxOperator {
  @Override
  public String name() {
    return "Mod";
  }

  @Override
  public int since() {
    return 10;
  }

  @Override
  public void add(NodeReader node) {
    Binary.Function function =
        node.flag("fmod", false) ? Binary.Function.REMAINDER : Binary.Function.MOD;
    node.emit(new Binary(function), node.input(0), node.input(1));
  }
}
