package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import org.jspecify.annotations.Nullable;

/**
 * Makes one product and one sum by constants of two in a row, such as a batch normalisation and the
 * scale layer that Caffe puts behind it:
 *
 * <pre>
 * (x · a + b) · c  =  x · (a · c) + b · c      (x · a + b) + d  =  x · a + (b + d)
 * </pre>
 *
 * <p>Only where nobody else reads what lies between, and where the constants have one shape.
 */
public final class MergeAffine extends Rewriting {

  /** Creates a pass. */
  public MergeAffine() {}

  /**
   * A function {@code x · factor + term} that only one node reads.
   *
   * @param x of which
   */
  private record Affine(Value x, Value factor, Value term) {

    static @Nullable Affine of(Graph graph, Value value) {
      Node add = Match.made(value, Binary.Function.ADD);
      Value term = add == null ? null : constant(add);
      if (add == null || term == null || !Match.isPrivate(graph, value)) {
        return null;
      }
      Value product = Match.other(add, term);
      Node mul = Match.made(product, Binary.Function.MUL);
      Value factor = mul == null ? null : constant(mul);
      return mul == null || factor == null || !Match.isPrivate(graph, product)
          ? null
          : new Affine(Match.other(mul, factor), factor, term);
    }
  }

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    boolean adds = Match.is(node, Binary.Function.ADD);
    if (!adds && !Match.is(node, Binary.Function.MUL)) {
      return null;
    }
    Value outer = constant(node);
    Affine inner = outer == null ? null : Affine.of(graph, Match.other(node, outer));
    if (outer == null
        || inner == null
        || !outer.fact().dtype().isFloating()
        || !Match.sameShape(outer, inner.term())
        || !Match.sameShape(outer, inner.factor())) {
      return null;
    }
    Value factor = inner.factor();
    if (!adds) {
      factor = binary(graph, node, Binary.Function.MUL, factor, outer);
    }
    Value term =
        binary(graph, node, adds ? Binary.Function.ADD : Binary.Function.MUL, inner.term(), outer);
    Value product = binary(graph, node, Binary.Function.MUL, inner.x(), factor);
    return binary(graph, node, Binary.Function.ADD, product, term);
  }

  /** The constant operand of a node that has one of each kind. */
  private static @Nullable Value constant(Node node) {
    Value first = node.input(0);
    Value second = node.input(1);
    if (first.isConstant() == second.isConstant()) {
      return null;
    }
    return first.isConstant() ? first : second;
  }

  private static Value binary(Graph graph, Node before, Binary.Function f, Value a, Value b) {
    return graph.addBefore(before, new Binary(f), a, b);
  }
}
