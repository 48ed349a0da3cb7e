package dev.nagare.models.onnx.export;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Attention;
import dev.nagare.tensor.DType;
import java.util.List;

/** Attention as reshapes, transposes, two products and a softmax. */
final class AttentionExport {
  private static final List<Integer> HEADS_BEFORE_STEPS = List.of(0, 2, 1, 3);
  private static final List<Integer> COLUMNS_BEFORE_STEPS = List.of(0, 2, 3, 1);

  private AttentionExport() {}

  static String of(ExportGraph to, Node node, Attention attention) {
    if (attention.ragged()) {
      throw new IllegalArgumentException(
          "attention over packed sequences is not written as ONNX; export the graph before passes");
    }
    Value q = node.input(0);
    DType dtype = q.fact().dtype();
    Dim columns = node.output().fact().dim(-1);
    long width = columns.value();
    List<String> operands;
    if (attention.packed()) {
      operands =
          to.node(
              "Split",
              List.of(to.name(q), to.longs(width, width, width)),
              3,
              Attribute.of("axis", 2L));
    } else {
      operands = List.of(to.name(q), to.name(node.input(1)), to.name(node.input(2)));
    }
    long each = width / attention.heads();
    String heads = to.longs(0, 0, attention.heads(), each); // 0: as many as there were
    String queries = turned(to, operands.get(0), heads, HEADS_BEFORE_STEPS);
    String keys = turned(to, operands.get(1), heads, COLUMNS_BEFORE_STEPS);
    String values = turned(to, operands.get(2), heads, HEADS_BEFORE_STEPS);
    String scores =
        to.node(
            "Mul",
            List.of(
                to.node("MatMul", List.of(queries, keys)), to.scalar(dtype, attention.scale())));
    Value mask = node.optional(attention.operands());
    if (mask != null) {
      scores = to.node("Add", List.of(scores, to.name(mask)));
    }
    String weights = to.node("Softmax", List.of(scores), Attribute.of("axis", -1L));
    String out =
        to.node(
            "Transpose",
            List.of(to.node("MatMul", List.of(weights, values))),
            Attribute.integers("perm", HEADS_BEFORE_STEPS));
    return to.node("Reshape", List.of(out, to.longs(0, 0, width)));
  }

  private static String turned(ExportGraph to, String x, String heads, List<Integer> order) {
    return to.node(
        "Transpose",
        List.of(to.node("Reshape", List.of(x, heads))),
        Attribute.integers("perm", order));
  }
}
