package dev.nagare.graph.pass;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Convolution;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.Reshape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A convolution or linear node into whose constant weight and bias something can be folded.
 *
 * <p>What is folded becomes nodes between constants, which {@link FoldConstants} then runs.
 *
 * @param node without post-ops, its result read by one other node
 * @param outputs axis of the weight that has one entry for each output channel
 * @param channels axis of the result that has them, counted from the last: -1 or -3
 */
record Weighted(Node node, int outputs, int channels) {

  /** The node that makes a value, if something can be folded into it. */
  static @Nullable Weighted of(Graph graph, Value value) {
    Node node = value.producer();
    Value weight = node == null ? null : node.optional(1);
    if (node == null || weight == null || !weight.isConstant() || !Match.isPrivate(graph, value)) {
      return null;
    }
    Value bias = node.optional(2);
    if (bias != null && !bias.isConstant()) {
      return null;
    }
    return switch (node.operator()) {
      case Linear linear when linear.post().isEmpty() ->
          new Weighted(node, linear.transposed() ? 0 : 1, -1);
      case Convolution conv when conv.post().isEmpty() ->
          new Weighted(node, 0, 1 - value.fact().rank());
      default -> null;
    };
  }

  Value weight() {
    return node.input(1);
  }

  @Nullable Value bias() {
    return node.optional(2);
  }

  /** How many output channels there are. */
  Dim size() {
    return weight().fact().dim(outputs);
  }

  /**
   * A constant that has one element for each output channel of the result, as a vector.
   *
   * @return null if it has another shape
   */
  @Nullable Value vector(Graph graph, Node before, Value constant) {
    List<Dim> shape = constant.fact().shape();
    int at = shape.size() + channels;
    if (!constant.isConstant() || at < 0 || shape.size() > node.output().fact().rank()) {
      return null;
    }
    for (int i = 0; i < shape.size(); i++) {
      if (i == at ? !shape.get(i).equals(size()) : !shape.get(i).is(1)) {
        return null;
      }
    }
    return shape.size() == 1
        ? constant
        : graph.addBefore(before, new Reshape(List.of(size())), constant);
  }

  /** The weight times one number for each output channel. */
  Value scaledWeight(Graph graph, Node before, Value factors) {
    var shape = new ArrayList<>(Collections.nCopies(weight().fact().rank(), Dim.ONE));
    shape.set(outputs, size());
    Value spread = graph.addBefore(before, new Reshape(shape), factors);
    return graph.addBefore(before, new Binary(Binary.Function.MUL), weight(), spread);
  }

  /** The same node with another weight and bias. */
  Value with(Graph graph, Node before, Value weight, @Nullable Value bias) {
    return graph.addBefore(before, node.operator(), node.input(0), weight, bias);
  }
}
