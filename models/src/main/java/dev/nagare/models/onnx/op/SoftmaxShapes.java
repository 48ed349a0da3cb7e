package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Reshape;
import java.util.List;
import java.util.function.IntFunction;

/** What {@code Softmax} and {@code LogSoftmax} sum over. */
final class SoftmaxShapes {
  private SoftmaxShapes() {}

  /** Emits an operator on the axis that its opset says. */
  static void emit(NodeReader node, IntFunction<Operator> operator) {
    Value x = node.input(0);
    int rank = x.fact().rank();
    int axis = node.axis("axis", node.opset() < 13 ? 1 : -1);
    int first = axis < 0 ? axis + rank : axis;
    if (node.opset() >= 13 || first == rank - 1) {
      node.emit(operator.apply(axis), x);
      return;
    }
    if (first < 0 || first > rank) {
      throw node.refuse("axis " + axis + " of " + x.fact().shape());
    }
    List<Dim> shape = x.fact().shape();
    Value matrix =
        node.add(
            new Reshape(List.of(size(shape.subList(0, first)), size(shape.subList(first, rank)))),
            x);
    node.emit(new Reshape(shape), node.add(operator.apply(1), matrix));
  }

  private static Dim size(List<Dim> dims) {
    return dims.stream().reduce(Dim.ONE, Dim::times);
  }
}
