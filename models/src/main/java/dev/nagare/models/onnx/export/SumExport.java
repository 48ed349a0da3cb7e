package dev.nagare.models.onnx.export;

import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.LayerNorm;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.Reduce;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Products, sums and norms. */
final class SumExport {
  private SumExport() {}

  static String of(ExportGraph to, Node node, MatMul product) {
    String a = turned(to, node.input(0), product.transposeA());
    String b = turned(to, node.input(1), product.transposeB());
    return to.node("MatMul", List.of(a, b));
  }

  private static String turned(ExportGraph to, Value matrix, boolean turn) {
    if (!turn) {
      return to.name(matrix);
    }
    int rank = matrix.fact().rank();
    List<Integer> axes = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    Collections.swap(axes, rank - 1, rank - 2);
    return to.node("Transpose", List.of(to.name(matrix)), Attribute.integers("perm", axes));
  }

  static String of(ExportGraph to, Node node, String type, int axis) {
    return to.node(type, List.of(to.name(node.input(0))), Attribute.of("axis", (long) axis));
  }

  static String of(ExportGraph to, Node node, LayerNorm norm) {
    Value x = node.input(0);
    Value scale = node.optional(1);
    if (scale == null) {
      throw new IllegalArgumentException("ONNX has no layerNorm without a scale");
    }
    return to.node(
        "LayerNormalization",
        List.of(to.name(x), to.name(scale), to.optional(node.optional(2))),
        Attribute.of("axis", (long) norm.axis()),
        Attribute.of("epsilon", (float) norm.epsilon()));
  }

  static String of(ExportGraph to, Node node, Reduce reduce) {
    String x = to.name(node.input(0));
    Attribute keep = Attribute.of("keepdims", reduce.keepDims() ? 1L : 0L);
    List<Integer> axes = reduce.axes();
    if (reduce.kind() == Reduce.Kind.SUM) { // the only one whose axes are an input in opset 17
      String over = to.longs(axes.stream().mapToLong(Integer::longValue).toArray());
      return axes.isEmpty()
          ? to.node("ReduceSum", List.of(x), keep)
          : to.node("ReduceSum", List.of(x, over), keep);
    }
    String type =
        switch (reduce.kind()) {
          case SUM -> "ReduceSum";
          case MEAN -> "ReduceMean";
          case MAX -> "ReduceMax";
          case MIN -> "ReduceMin";
          case PROD -> "ReduceProd";
          case L1 -> "ReduceL1";
          case L2 -> "ReduceL2";
          case SUM_SQUARE -> "ReduceSumSquare";
          case LOG_SUM -> "ReduceLogSum";
          case LOG_SUM_EXP -> "ReduceLogSumExp";
        };
    return axes.isEmpty()
        ? to.node(type, List.of(x), keep)
        : to.node(type, List.of(x), keep, Attribute.integers("axes", axes));
  }
}
