package dev.nagare.graph.pass;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Transpose;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two transposes in a row are one; one that only moves axes of size 1 is a reshape; one that
 * exchanges the last two axes of a product's operand is an attribute of the product.
 */
public final class MergeTransposes extends Rewriting {

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    return switch (node.operator()) {
      case Transpose transpose -> transpose(graph, node, transpose);
      case MatMul product -> product(graph, node, product);
      default -> null;
    };
  }

  private static @Nullable Value transpose(Graph graph, Node node, Transpose last) {
    Value x = node.input(0);
    Node before = Match.made(x, Transpose.class);
    if (before != null && before.operator() instanceof Transpose first) {
      List<Integer> axes = last.axes().stream().map(axis -> first.axes().get(axis)).toList();
      return graph.addBefore(node, new Transpose(axes), before.input(0));
    }
    List<Integer> moving = last.axes().stream().filter(axis -> !x.fact().dim(axis).is(1)).toList();
    List<Dim> shape = node.output().fact().shape();
    return moving.equals(moving.stream().sorted().toList())
        ? graph.addBefore(node, new Reshape(shape), x)
        : null;
  }

  private static @Nullable Value product(Graph graph, Node node, MatMul product) {
    Value a = node.input(0);
    Value b = node.input(1);
    Value plainA = exchanged(a);
    Value plainB = exchanged(b);
    if (plainA == null && plainB == null) {
      return null;
    }
    var operator =
        new MatMul(
            product.transposeA() ^ (plainA != null), product.transposeB() ^ (plainB != null));
    return graph.addBefore(
        node, operator, plainA == null ? a : plainA, plainB == null ? b : plainB);
  }

  /** What a value exchanges the last two axes of, or null if it is not made so. */
  private static @Nullable Value exchanged(Value value) {
    Node node = Match.made(value, Transpose.class);
    if (node == null || !(node.operator() instanceof Transpose transpose)) {
      return null;
    }
    List<Integer> axes = transpose.axes();
    int rank = axes.size();
    for (int i = 0; i < rank; i++) {
      int expected = i == rank - 1 ? rank - 2 : i == rank - 2 ? rank - 1 : i;
      if (rank < 2 || axes.get(i) != expected) {
        return null;
      }
    }
    return node.input(0);
  }
}
