package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.op.TopK;
import java.util.List;

/**
 * {@code TopK}, opset 1–20: how many is an attribute, since opset 10 an input; since opset 11 the
 * smallest may be asked for.
 */
final class OnnxTopK implements OnnxOperator {
  @Override
  public String name() {
    return "TopK";
  }

  @Override
  public void add(NodeReader node) {
    Dim k;
    if (node.opset() < 10) {
      k = Dim.of(node.integer("k"));
    } else {
      List<Dim> sizes = node.sizes(1);
      if (sizes.size() != 1) {
        throw node.refuse("k " + sizes + ", expected one number");
      }
      k = sizes.getFirst();
    }
    int axis = node.axis("axis", -1);
    boolean largest = node.flag("largest", true);
    node.emit(new TopK(k, axis, largest, node.flag("sorted", true)), node.input(0));
  }
}
