package dev.nagare.models.onnx;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Takes out what no output needs: shape arithmetic above all, once attributes hold its results. */
final class Unread {
  private Unread() {}

  static void remove(Graph graph) {
    Set<Value> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    needed.addAll(graph.outputs());
    List<Node> nodes = new ArrayList<>(graph.nodes());
    Collections.reverse(nodes);
    List<Node> unread = new ArrayList<>();
    for (Node node : nodes) {
      if (node.outputs().stream().noneMatch(needed::contains)) {
        unread.add(node);
        continue;
      }
      for (Value input : node.inputs()) {
        if (input != null) {
          needed.add(input);
        }
      }
    }
    unread.forEach(graph::remove);
    graph.removeUnusedConstants();
  }
}
