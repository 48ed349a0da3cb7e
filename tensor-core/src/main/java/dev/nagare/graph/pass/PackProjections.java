package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Attention;
import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.Linear;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets self-attention have its queries, keys and values from one linear node, whose weight is that
 * of the three side by side: the input is read once, and one large product is faster than three.
 */
public final class PackProjections extends Rewriting {

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    if (!(node.operator() instanceof Attention attention)
        || attention.packed()
        || attention.ragged()) {
      return null;
    }
    var parts = new ArrayList<Weighted>();
    for (int i = 0; i < 3; i++) {
      Weighted part = Weighted.of(graph, node.input(i));
      if (part == null
          || !(part.node().operator() instanceof Linear)
          || (i > 0 && !alike(part, parts.getFirst()))) {
        return null;
      }
      parts.add(part);
    }
    Node first = parts.getFirst().node();
    Value weight = joined(graph, node, parts, 1, parts.getFirst().outputs());
    Value bias = parts.getFirst().bias() == null ? null : joined(graph, node, parts, 2, 0);
    Value packed = graph.addBefore(node, first.operator(), first.input(0), weight, bias);
    var operator = new Attention(attention.heads(), attention.scale(), true, false);
    Value mask = node.optional(3);
    return mask == null
        ? graph.addBefore(node, operator, packed)
        : graph.addBefore(node, operator, packed, mask);
  }

  private static boolean alike(Weighted one, Weighted other) {
    return one.node().operator().equals(other.node().operator())
        && one.node().input(0) == other.node().input(0)
        && one.weight().fact().equals(other.weight().fact())
        && (one.bias() == null) == (other.bias() == null);
  }

  private static Value joined(Graph graph, Node before, List<Weighted> parts, int input, int axis) {
    Value[] constants = parts.stream().map(part -> part.node().input(input)).toArray(Value[]::new);
    return graph.addBefore(before, new Concat(axis), constants);
  }
}
