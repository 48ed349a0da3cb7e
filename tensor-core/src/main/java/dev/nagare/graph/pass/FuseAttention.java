package dev.nagare.graph.pass;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Attention;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Softmax;
import dev.nagare.graph.op.Transpose;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recognises attention of several heads:
 *
 * <pre>
 * q, k, v   [B, S, H, D], transposed to [B, H, S, D]
 * p         softmax(scale · q · kᵀ + mask)
 * out       p · v, transposed back to [B, S, H, D]
 * </pre>
 *
 * <p>The scale may be a factor or divisor of the scores, of q or of k. What splits the columns into
 * heads and joins them becomes reshapes that other passes take away.
 */
public final class FuseAttention extends Rewriting {
  private static final List<Integer> HEADS_SECOND = List.of(0, 2, 1, 3);
  private static final List<Integer> HEADS_SECOND_TURNED = List.of(0, 2, 3, 1);

  /** A value whose elements are those of {@code [B, S, H, D]}, and a factor on them. */
  private record Rows(Value value, List<Dim> shape, double factor) {
    Dim columns() {
      return shape.get(2).times(shape.get(3));
    }
  }

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    if (!node.operator().equals(new Transpose(HEADS_SECOND))) {
      return null;
    }
    Node result = only(graph, node.input(0), MatMul.class);
    if (result == null || !result.operator().equals(new MatMul(false, false))) {
      return null;
    }
    Node softmax = only(graph, result.input(0), Softmax.class);
    Rows v = rows(graph, result.input(1), HEADS_SECOND);
    if (softmax == null
        || !(softmax.operator() instanceof Softmax along)
        || (along.axis() != -1 && along.axis() != 3)
        || v == null
        || v.factor != 1) {
      return null;
    }
    Value mask = null;
    Value scores = softmax.input(0);
    Node sum = Match.made(scores, Binary.Function.ADD);
    if (sum != null && Match.isPrivate(graph, scores)) {
      boolean left = product(graph, sum.input(0)) != null;
      mask = sum.input(left ? 1 : 0);
      scores = sum.input(left ? 0 : 1);
    }
    Node product = product(graph, scores);
    if (product == null || !(product.operator() instanceof MatMul by) || by.transposeA()) {
      return null;
    }
    Rows q = rows(graph, product.input(0), HEADS_SECOND);
    Rows k = rows(graph, product.input(1), by.transposeB() ? HEADS_SECOND : HEADS_SECOND_TURNED);
    if (q == null || k == null) {
      return null;
    }
    double scale = Product.of(graph, scores).number() * q.factor * k.factor;
    return fused(graph, node, scale, q, k, v, mask);
  }

  private static @Nullable Value fused(
      Graph graph, Node node, double scale, Rows q, Rows k, Rows v, @Nullable Value mask) {
    List<Dim> shape = node.output().fact().shape();
    Dim heads = q.shape.get(2);
    boolean fits =
        heads.isKnown()
            && q.shape.equals(shape)
            && k.shape.equals(v.shape)
            && k.shape.get(2).equals(heads)
            && k.shape.get(3).equals(q.shape.get(3))
            && k.shape.get(0).equals(q.shape.get(0));
    if (!fits || (mask != null && mask.fact().rank() > 4)) {
      return null;
    }
    var operator = new Attention(Math.toIntExact(heads.value()), scale);
    Value flatQ = joined(graph, node, q);
    Value flatK = joined(graph, node, k);
    Value flatV = joined(graph, node, v);
    Value out =
        mask == null
            ? graph.addBefore(node, operator, flatQ, flatK, flatV)
            : graph.addBefore(node, operator, flatQ, flatK, flatV, mask);
    return graph.addBefore(node, new Reshape(shape), out);
  }

  /** {@code [B, S, H, D]} as {@code [B, S, H·D]}. */
  private static Value joined(Graph graph, Node before, Rows rows) {
    var to = new Reshape(List.of(rows.shape.get(0), rows.shape.get(1), rows.columns()));
    return graph.addBefore(before, to, rows.value);
  }

  /** The product that scores are, up to a factor. */
  private static @Nullable Node product(Graph graph, Value scores) {
    Product scaled = Product.of(graph, scores);
    return scaled.factors().size() == 1
        ? only(graph, scaled.factors().getFirst(), MatMul.class)
        : null;
  }

  /** What is transposed so that its heads come second. */
  private static @Nullable Rows rows(Graph graph, Value heads, List<Integer> order) {
    Product outer = Product.of(graph, heads);
    Node transpose =
        outer.factors().size() == 1
            ? Match.made(outer.factors().getFirst(), Transpose.class)
            : null;
    if (transpose == null || !transpose.operator().equals(new Transpose(order))) {
      return null;
    }
    Value rows = transpose.input(0);
    List<Dim> shape = rows.fact().shape();
    if (shape.size() != 4) {
      return null;
    }
    Node split = only(graph, rows, Reshape.class);
    if (split != null) { // a factor may have come before the heads were split
      Product inner = Product.of(graph, split.input(0));
      Value unscaled = inner.factors().size() == 1 ? inner.factors().getFirst() : null;
      if (unscaled != null && Match.sameShape(unscaled, split.input(0))) {
        return new Rows(unscaled, shape, outer.number() * inner.number());
      }
    }
    return new Rows(rows, shape, outer.number());
  }

  private static @Nullable Node only(
      Graph graph, Value value, Class<? extends dev.nagare.graph.Operator> type) {
    return Match.isPrivate(graph, value) ? Match.made(value, type) : null;
  }
}
