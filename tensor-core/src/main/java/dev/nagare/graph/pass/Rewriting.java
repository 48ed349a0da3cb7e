package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pass that is a rule about one node at a time.
 *
 * <p>The rule finds a pattern by its last node and looks backwards from there. It adds new nodes
 * directly before that one, where everything the pattern reads has been made.
 */
public abstract class Rewriting implements Pass {

  /** For subclasses. */
  protected Rewriting() {}

  /**
   * What to have instead of the node's first output, or null if the rule does not apply. A node
   * whose other outputs are read must not be replaced.
   */
  protected abstract @Nullable Value rewrite(Graph graph, Node node);

  @Override
  public final boolean apply(Graph graph) {
    boolean changed = false;
    for (Node node : List.copyOf(graph.nodes())) {
      if (!graph.nodes().contains(node)) {
        continue; // went with a pattern that ended before it
      }
      Value by = rewrite(graph, node);
      graph.settle(by != null);
      if (by != null) {
        graph.replace(node.output(), by);
        RemoveDeadCode.sweep(graph);
        changed = true;
      }
    }
    return changed;
  }
}
