package dev.nagare.models.onnx.op;

import dev.nagare.graph.op.Identity;
import dev.nagare.graph.op.Reduce;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reductions, opset 1–20. Axes are an attribute, since opset 18 an input, of {@code ReduceSum}
 * since opset 13; without any, all are reduced, or none where {@code noop_with_empty_axes} says so.
 *
 * @param name in model files
 * @param kind ours
 */
record OnnxReduce(String name, Reduce.Kind kind) implements OnnxOperator {
  @Override
  public void add(NodeReader node) {
    boolean attribute = node.opset() < (kind == Reduce.Kind.SUM ? 13 : 18);
    int rank = node.fact(0).rank();
    List<Long> axes = attribute ? node.integers("axes") : node.has(1) ? node.integersOf(1) : null;
    boolean keep = node.flag("keepdims", true);
    boolean none = axes == null || axes.isEmpty();
    if (none && !attribute && node.flag("noop_with_empty_axes", false)) {
      node.emit(new Identity(), node.input(0));
      return;
    }
    List<Integer> over =
        axes == null || none ? IntStream.range(0, rank).boxed().toList() : node.axes(axes, rank);
    node.emit(new Reduce(kind, over.stream().sorted().toList(), keep), node.input(0));
  }
}
