package dev.nagare.graph;

import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A graph in writing: inputs, one line per node in the order in which they run, outputs. */
final class GraphText {
  private GraphText() {}

  static String of(Graph graph) {
    var text = new StringBuilder("graph ").append(graph.name()).append('\n');
    graph.inputs().forEach(value -> text.append("  in  ").append(value).append('\n'));
    for (Node node : graph.nodes()) {
      String outputs =
          node.outputs().stream().map(Value::toString).collect(Collectors.joining(", "));
      String inputs =
          node.inputs().stream().map(GraphText::input).collect(Collectors.joining(", "));
      text.append("  ").append(outputs).append(" <- ").append(node.operator());
      text.append(" (").append(inputs).append(")\n");
    }
    for (int i = 0; i < graph.outputs().size(); i++) {
      text.append("  out ").append(graph.outputNames().get(i)).append(" <- ");
      text.append(graph.outputs().get(i).name()).append('\n');
    }
    return text.toString();
  }

  private static String input(@Nullable Value value) {
    if (value == null) {
      return "-";
    }
    return value.isConstant() ? value.name() + value.fact().shape() : value.name();
  }
}
