package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import org.jspecify.annotations.Nullable;

/**
 * Folds what is added to, or multiplied with, each output channel of a convolution or linear node
 * into its bias and weight, where it is a constant.
 */
public final class FoldAffine extends Rewriting {

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    boolean adds = Match.is(node, Binary.Function.ADD);
    if (!adds && !Match.is(node, Binary.Function.MUL)) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      Value y = node.input(i);
      Weighted weighted = Weighted.of(graph, y);
      Value vector =
          weighted == null || !Match.sameShape(y, node.output())
              ? null
              : weighted.vector(graph, node, node.input(1 - i));
      if (weighted != null && vector != null) {
        return adds ? add(graph, node, weighted, vector) : scale(graph, node, weighted, vector);
      }
    }
    return null;
  }

  private static Value add(Graph graph, Node node, Weighted weighted, Value term) {
    Value bias = weighted.bias();
    Value sum =
        bias == null ? term : graph.addBefore(node, new Binary(Binary.Function.ADD), bias, term);
    return weighted.with(graph, node, weighted.weight(), sum);
  }

  private static Value scale(Graph graph, Node node, Weighted weighted, Value factors) {
    Value bias = weighted.bias();
    Value scaled =
        bias == null ? null : graph.addBefore(node, new Binary(Binary.Function.MUL), bias, factors);
    return weighted.with(graph, node, weighted.scaledWeight(graph, node, factors), scaled);
  }
}
