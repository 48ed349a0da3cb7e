package dev.nagare.models.onnx.op;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Reduce;
import java.util.List;

/** {@code LpNormalization}, opset 1–20: the quotient by the norm along an axis. */
final class OnnxLpNormalization implements OnnxOperator {
  @Override
  public String name() {
    return "LpNormalization";
  }

  @Override
  public void add(NodeReader node) {
    int axis = node.axis("axis", -1);
    long p = node.integer("p", 2);
    if (p != 1 && p != 2) {
      throw node.refuse("p " + p + ", expected 1 or 2");
    }
    Reduce.Kind kind = p == 1 ? Reduce.Kind.L1 : Reduce.Kind.L2;
    int rank = node.fact(0).rank();
    List<Integer> axes = List.of(axis < 0 ? axis + rank : axis);
    Value norm = node.add(new Reduce(kind, axes, true), node.input(0));
    node.emit(new Binary(Binary.Function.DIV), node.input(0), norm);
  }
}
