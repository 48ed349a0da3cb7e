package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.op.Reshape;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Squeeze}, opset 1–20: without axes of size 1. The axes are an attribute, since opset 13 an
 * input; without any, all axes that are known to have size 1.
 */
final class OnnxSqueeze implements OnnxOperator {
  @Override
  public String name() {
    return "Squeeze";
  }

  @Override
  public void add(NodeReader node) {
    Fact x = node.fact(0);
    List<Long> axes = node.opset() >= 13 ? null : node.integers("axes");
    if (node.opset() >= 13 && node.has(1)) {
      axes = node.integersOf(1);
    }
    List<Integer> gone = axes == null ? null : node.axes(axes, x.rank());
    List<Dim> shape = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      Dim size = x.dim(i);
      if (gone == null ? !size.is(1) : !gone.contains(i)) {
        shape.add(size);
      } else if (size.isKnown() && !size.is(1)) {
        throw node.refuse("axis " + i + " of " + x.shape() + " has " + size + ", expected 1");
      }
    }
    node.emit(new Reshape(shape), node.input(0));
  }
}
