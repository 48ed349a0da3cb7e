package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Transpose;
import java.util.List;
import java.util.stream.IntStream;

/** {@code Transpose}, opset 1–20: the axes in another order, by default reversed. */
final class OnnxTranspose implements OnnxOperator {
  @Override
  public String name() {
    return "Transpose";
  }

  @Override
  public void add(NodeReader node) {
    int rank = node.fact(0).rank();
    List<Long> perm = node.integers("perm");
    List<Integer> axes =
        perm == null
            ? IntStream.range(0, rank).map(i -> rank - 1 - i).boxed().toList()
            : perm.stream().map(axis -> node.axis(axis, "perm")).toList();
    node.emit(new Transpose(axes), node.input(0));
  }
}
