package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Reshape;
import org.jspecify.annotations.Nullable;

/** Of two reshapes in a row only the last one counts. */
public final class MergeReshapes extends Rewriting {

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    if (!(node.operator() instanceof Reshape)) {
      return null;
    }
    Node before = Match.made(node.input(0), Reshape.class);
    if (before == null) {
      return null;
    }
    // the result's own shape: an attribute may copy sizes from the shape in between
    return graph.addBefore(node, new Reshape(node.output().fact().shape()), before.input(0));
  }
}
