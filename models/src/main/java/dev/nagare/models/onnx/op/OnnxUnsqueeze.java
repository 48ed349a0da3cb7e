package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.op.Reshape;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Unsqueeze}, opset 1–20: with more axes of size 1, at these places of the output. They are
 * an attribute, since opset 13 an input.
 */
final class OnnxUnsqueeze implements OnnxOperator {
  @Override
  public String name() {
    return "Unsqueeze";
  }

  @Override
  public void add(NodeReader node) {
    Fact x = node.fact(0);
    List<Long> axes = node.opset() < 13 ? node.requiredIntegers("axes") : node.integersOf(1);
    List<Integer> places = node.axes(axes, x.rank() + axes.size());
    List<Dim> shape = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < x.rank() + axes.size(); i++) {
      shape.add(places.contains(i) ? Dim.ONE : x.dim(next++));
    }
    node.emit(new Reshape(shape), node.input(0));
  }
}
