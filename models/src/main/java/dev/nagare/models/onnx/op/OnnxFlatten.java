package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.op.Reshape;
import java.util.List;

/** {@code Flatten}, opset 1–20: two axes, those before an axis (default 1) and the others. */
final class OnnxFlatten implements OnnxOperator {
  @Override
  public String name() {
    return "Flatten";
  }

  @Override
  public void add(NodeReader node) {
    Fact x = node.fact(0);
    int axis = node.axis("axis", 1);
    int at = axis < 0 ? axis + x.rank() : axis;
    if (at < 0 || at > x.rank()) {
      throw node.refuse("axis " + axis + " of " + x.shape());
    }
    Dim before = Fact.of(x.dtype(), x.shape().subList(0, at)).elements();
    Dim after = Fact.of(x.dtype(), x.shape().subList(at, x.rank())).elements();
    node.emit(new Reshape(List.of(before, after)), node.input(0));
  }
}
