package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Cast;
import dev.nagare.graph.op.Clip;
import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.Dropout;
import dev.nagare.graph.op.Expand;
import dev.nagare.graph.op.Identity;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Transpose;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Removes what changes nothing: Identity, Dropout, reshapes and expansions to the same shape,
 * transposes that leave every axis where it is, casts to the same dtype, {@code x·1}, {@code x/1},
 * {@code x+0}, {@code x-0}, joins of one value.
 */
public final class RemoveIdentities extends Rewriting {

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    for (int i = 1; i < node.outputs().size(); i++) {
      if (graph.uses(node.outputs().get(i)) > 0) {
        return null; // the mask of a dropout
      }
    }
    return switch (node.operator()) {
      case Identity _, Dropout _ -> node.input(0);
      case Reshape _, Expand _ ->
          Match.sameShape(node.input(0), node.output()) ? node.input(0) : null;
      case Cast _ ->
          node.input(0).fact().dtype() == node.output().fact().dtype() ? node.input(0) : null;
      case Transpose transpose -> isOrder(transpose) ? node.input(0) : null;
      case Concat _ -> node.inputs().size() == 1 ? node.input(0) : null;
      case Clip clip ->
          clip.low() == Double.NEGATIVE_INFINITY && clip.high() == Double.POSITIVE_INFINITY
              ? node.input(0)
              : null;
      case Binary binary -> neutral(node, binary);
      default -> null;
    };
  }

  private static boolean isOrder(Transpose transpose) {
    return IntStream.range(0, transpose.axes().size()).allMatch(i -> transpose.axes().get(i) == i);
  }

  private static @Nullable Value neutral(Node node, Binary binary) {
    Value left = node.input(0);
    Value right = node.input(1);
    double one =
        switch (binary.function()) {
          case MUL, DIV -> 1;
          case ADD, SUB -> 0;
          default -> Double.NaN;
        };
    boolean commutes =
        binary.function() == Binary.Function.MUL || binary.function() == Binary.Function.ADD;
    if (Match.sameShape(left, node.output()) && Match.isExactly(right, one)) {
      return left;
    }
    return commutes && Match.sameShape(right, node.output()) && Match.isExactly(left, one)
        ? right
        : null;
  }
}
