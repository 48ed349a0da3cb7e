package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.op.Pad;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code Pad}, opset 2–20: attributes before opset 11, inputs since, which must be known; axes
 * since opset 18, mode {@code wrap} since 19.
 */
final class OnnxPad implements OnnxOperator {
  @Override
  public String name() {
    return "Pad";
  }

  @Override
  public void add(NodeReader node) {
    boolean old = node.opset() < 11;
    int rank = node.fact(0).rank();
    List<Dim> pads =
        old ? node.requiredIntegers("pads").stream().map(Dim::of).toList() : node.sizes(1);
    List<Integer> axes = node.has(3) ? node.axes(node.integersOf(3), rank) : node.firstAxes(rank);
    if (pads.size() != 2 * axes.size()) {
      throw node.refuse("pads " + pads + " of axes " + axes + " of " + node.fact(0).shape());
    }
    List<Dim> before = zeros(rank);
    List<Dim> after = zeros(rank);
    for (int i = 0; i < axes.size(); i++) {
      before.set(axes.get(i), pads.get(i));
      after.set(axes.get(i), pads.get(axes.size() + i));
    }
    Pad.Mode mode = mode(node);
    double value = old ? node.number("value", 0) : node.scalar(2, 0);
    node.emit(new Pad(mode, before, after, value), node.input(0));
  }

  private static List<Dim> zeros(int n) {
    List<Dim> zeros = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      zeros.add(Dim.ZERO);
    }
    return zeros;
  }

  private static Pad.Mode mode(NodeReader node) {
    String mode = node.text("mode", "constant");
    return switch (mode) {
      case "constant" -> Pad.Mode.CONSTANT;
      case "reflect" -> Pad.Mode.REFLECT;
      case "edge" -> Pad.Mode.EDGE;
      case "wrap" -> Pad.Mode.WRAP;
      default -> throw node.refuse("mode " + mode);
    };
  }
}
