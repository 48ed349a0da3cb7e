package dev.nagare.graph.pass;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.LayerNorm;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.Unary;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Recognises layer normalisation that was exported in pieces:
 *
 * <pre>
 * d = x - mean(x)      y = d / √(mean(d²) + ε)      y · scale      y + bias
 * </pre>
 *
 * <p>over the last axes; the square may be a power or a product, the quotient a product with a
 * reciprocal. Scale and bias are taken in where they are constants that span those axes.
 */
public final class FuseLayerNorm extends Rewriting {

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    Value normal = normal(graph, node);
    return normal != null ? normal : affine(graph, node);
  }

  private static @Nullable Value normal(Graph graph, Node node) {
    Value difference;
    Value root;
    if (Match.is(node, Binary.Function.DIV)) {
      difference = node.input(0);
      root = Match.argument(node.input(1), Unary.Function.SQRT);
    } else if (Match.is(node, Binary.Function.MUL)) {
      Value inverse = Match.argument(node.input(1), Unary.Function.RECIPROCAL);
      difference = inverse != null ? node.input(0) : node.input(1);
      inverse =
          inverse != null ? inverse : Match.argument(node.input(0), Unary.Function.RECIPROCAL);
      root = Match.argument(inverse, Unary.Function.SQRT);
    } else {
      return null;
    }
    Node sum = Match.made(root, Binary.Function.ADD);
    Node subtraction = Match.made(difference, Binary.Function.SUB);
    if (sum == null || subtraction == null) {
      return null;
    }
    Double right = Match.number(sum.input(1));
    Double epsilon = right != null ? right : Match.number(sum.input(0));
    Node variance = Match.made(sum.input(right != null ? 0 : 1), Reduce.class);
    Node mean = Match.made(subtraction.input(1), Reduce.class);
    Value x = subtraction.input(0);
    if (epsilon == null || epsilon < 0 || variance == null || mean == null || mean.input(0) != x) {
      return null;
    }
    int axes = lastAxes(mean);
    if (axes < 1 || lastAxes(variance) != axes || !isSquare(variance.input(0), difference)) {
      return null;
    }
    return graph.addBefore(node, new LayerNorm(-axes, epsilon), x);
  }

  /** Over how many axes, the last ones, a mean is taken; 0 if it is something else. */
  private static int lastAxes(Node node) {
    if (!(node.operator() instanceof Reduce reduce)
        || reduce.kind() != Reduce.Kind.MEAN
        || !reduce.keepDims()) {
      return 0;
    }
    int rank = node.input(0).fact().rank();
    List<Integer> over =
        reduce.axes().stream().map(axis -> axis < 0 ? axis + rank : axis).sorted().toList();
    int count = over.size();
    List<Integer> last = IntStream.range(rank - count, rank).boxed().toList();
    return over.equals(last) ? count : 0;
  }

  private static boolean isSquare(Value value, Value of) {
    Node power = Match.made(value, Binary.Function.POW);
    if (power != null) {
      return power.input(0) == of && Match.isNumber(power.input(1), 2);
    }
    Node product = Match.made(value, Binary.Function.MUL);
    return product != null && product.input(0) == of && product.input(1) == of;
  }

  /** Scale and bias behind a normalisation that has none. */
  private static @Nullable Value affine(Graph graph, Node node) {
    boolean scales = Match.is(node, Binary.Function.MUL);
    if (!scales && !Match.is(node, Binary.Function.ADD)) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      Node norm = Match.made(node.input(i), LayerNorm.class);
      Value parameter = node.input(1 - i);
      if (norm == null || !(norm.operator() instanceof LayerNorm operator)) {
        continue;
      }
      Value x = norm.input(0);
      Value scale = norm.optional(1);
      boolean free = norm.optional(2) == null && (!scales || scale == null);
      int axes = operator.axis() < 0 ? -operator.axis() : x.fact().rank() - operator.axis();
      List<Dim> shape = x.fact().shape();
      List<Dim> normal = shape.subList(shape.size() - axes, shape.size());
      if (free
          && Match.isPrivate(graph, norm.output())
          && parameter.isConstant()
          && parameter.fact().shape().equals(normal)) {
        return scales
            ? graph.addBefore(node, operator, x, parameter)
            : graph.addBefore(node, operator, x, scale, parameter);
      }
    }
    return null;
  }
}
