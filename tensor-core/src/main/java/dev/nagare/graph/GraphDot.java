package dev.nagare.graph;

import java.util.IdentityHashMap;

/**
 * A graph as a drawing: text in Graphviz' language, for {@code dot -Tsvg}.
 *
 * <p>Inputs and outputs of the graph are ellipses, nodes boxes with their operator, edges carry
 * dtype and shape; a node's constants are listed in its box, so that the drawing shows how data
 * flows. See {@link GraphText} for the same to read.
 */
public final class GraphDot {
  private final StringBuilder text = new StringBuilder();
  private final IdentityHashMap<Value, String> sources = new IdentityHashMap<>();

  private GraphDot() {}

  /** The drawing of a graph. */
  public static String of(Graph graph) {
    return new GraphDot().draw(graph);
  }

  private String draw(Graph graph) {
    text.append("digraph ").append(quoted(graph.name())).append(" {\n");
    text.append("  node [shape=box, fontname=\"sans-serif\"];\n");
    for (int i = 0; i < graph.inputs().size(); i++) {
      Value input = graph.inputs().get(i);
      sources.put(input, "in" + i);
      ellipse("in" + i, input.name());
    }
    for (int i = 0; i < graph.nodes().size(); i++) {
      box("n" + i, graph.nodes().get(i));
    }
    for (int i = 0; i < graph.outputs().size(); i++) {
      ellipse("out" + i, graph.outputNames().get(i));
      edge(graph.outputs().get(i), "out" + i);
    }
    return text.append("}\n").toString();
  }

  private void ellipse(String id, String label) {
    text.append("  ").append(id).append(" [shape=ellipse, label=");
    text.append(quoted(label)).append("];\n");
  }

  private void box(String id, Node node) {
    var label = new StringBuilder(node.operator().toString());
    for (Value input : node.inputs()) {
      if (input != null && input.isConstant()) {
        label.append('\n').append(input.name()).append(' ').append(input.fact().shape());
      }
    }
    text.append("  ").append(id).append(" [label=").append(quoted(label.toString()));
    text.append("];\n");
    for (Value input : node.inputs()) {
      if (input != null && !input.isConstant()) {
        edge(input, id);
      }
    }
    node.outputs().forEach(output -> sources.put(output, id));
  }

  private void edge(Value from, String to) {
    String source = sources.get(from);
    if (source == null) { // a constant that is an output
      source = "c" + sources.size();
      sources.put(from, source);
      ellipse(source, from.name());
    }
    text.append("  ").append(source).append(" -> ").append(to).append(" [label=");
    text.append(quoted(from.fact().dtype() + " " + from.fact().shape())).append("];\n");
  }

  private static String quoted(String plain) {
    return '"' + plain.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
