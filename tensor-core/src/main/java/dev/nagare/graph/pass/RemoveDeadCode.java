package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Removes nodes of which nothing reaches an output, and constants that nobody reads. */
public final class RemoveDeadCode implements Pass {

  @Override
  public boolean apply(Graph graph) {
    int constants = graph.constants().size();
    boolean changed = sweep(graph);
    graph.removeUnusedConstants();
    return changed || graph.constants().size() < constants;
  }

  /** Removes nodes only. */
  static boolean sweep(Graph graph) {
    Set<Value> read = Collections.newSetFromMap(new IdentityHashMap<>());
    read.addAll(graph.outputs());
    boolean changed = false;
    List<Node> backwards = List.copyOf(graph.nodes()).reversed();
    for (Node node : backwards) {
      if (node.outputs().stream().noneMatch(read::contains)) {
        graph.remove(node);
        changed = true;
      } else {
        node.inputs().stream().filter(java.util.Objects::nonNull).forEach(read::add);
      }
    }
    return changed;
  }
}
