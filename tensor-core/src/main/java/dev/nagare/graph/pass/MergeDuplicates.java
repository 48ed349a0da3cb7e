package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lets one node do what several do: equal operators on the same values. */
public final class MergeDuplicates implements Pass {

  /** Values are equal only if they are the same. */
  private record Work(Operator operator, List<@Nullable Value> inputs, int outputs) {}

  @Override
  public boolean apply(Graph graph) {
    Map<Work, Node> done = new HashMap<>();
    boolean changed = false;
    for (Node node : List.copyOf(graph.nodes())) {
      int outputs = node.outputs().size();
      var work = new Work(node.operator(), new ArrayList<>(node.inputs()), outputs);
      Node same = done.putIfAbsent(work, node);
      if (same != null) {
        for (int i = 0; i < outputs; i++) {
          graph.replace(node.outputs().get(i), same.outputs().get(i));
        }
        graph.remove(node);
        changed = true;
      }
    }
    return changed;
  }
}
