package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Unary;

/** {@code Gelu}, opset 20: by the error function, or by a hyperbolic tangent. */
final class OnnxGelu implements OnnxOperator {
  @Override
  public String name() {
    return "Gelu";
  }

  @Override
  public int since() {
    return 20;
  }

  @Override
  public void add(NodeReader node) {
    String form = node.text("approximate", "none");
    if (!form.equals("none") && !form.equals("tanh")) {
      throw node.refuse("approximate " + form);
    }
    node.emit(
        new Unary(form.equals("tanh") ? Unary.Function.GELU_TANH : Unary.Function.GELU),
        node.input(0));
  }
}
