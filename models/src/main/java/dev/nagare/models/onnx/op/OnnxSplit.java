package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.op.Split;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Split}, opset 2–20: the sizes are an attribute, since opset 13 an input. Without them the
 * parts are equal, since opset 18 but for the last.
 */
final class OnnxSplit implements OnnxOperator {
  @Override
  public String name() {
    return "Split";
  }

  @Override
  public void add(NodeReader node) {
    int axis = node.axis("axis", 0);
    List<Dim> sizes = null;
    if (node.opset() < 13) {
      List<Long> split = node.integers("split");
      sizes = split == null ? null : split.stream().map(Dim::of).toList();
    } else if (node.has(1)) {
      sizes = node.sizes(1);
    }
    if (sizes == null) {
      sizes = equal(node, node.fact(0).dim(axis));
    }
    if (sizes.size() != node.outputs()) {
      throw node.refuse(node.outputs() + " outputs of sizes " + sizes);
    }
    node.emit(new Split(axis, sizes), node.input(0));
  }

  private static List<Dim> equal(NodeReader node, Dim size) {
    long parts = node.opset() < 18 ? node.outputs() : node.integer("num_outputs", node.outputs());
    if (parts != node.outputs() || parts == 0) {
      throw node.refuse(parts + " parts, but " + node.outputs() + " outputs");
    }
    Dim part = size.exactDiv(Dim.of(parts));
    if (part == null && (node.opset() < 18 || !size.isKnown())) {
      throw node.refuse(size + " is not seen to be " + parts + " equal parts");
    }
    Dim each = part == null ? size.plus(parts - 1).floorDiv(parts) : part;
    List<Dim> sizes = new ArrayList<>();
    for (int i = 0; i < parts - 1; i++) {
      sizes.add(each);
    }
    sizes.add(size.minus(each.times(parts - 1)));
    return sizes;
  }
}
