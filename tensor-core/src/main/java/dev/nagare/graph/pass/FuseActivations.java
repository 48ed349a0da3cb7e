package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Clip;
import dev.nagare.graph.op.HardSigmoid;
import dev.nagare.graph.op.Unary;
import org.jspecify.annotations.Nullable;

/**
 * Recognises activations that were exported in pieces:
 *
 * <pre>
 * GELU         x · (1 + erf(x / √2)) / 2
 * GELU_TANH    x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2
 * SILU         x · σ(x)
 * HARD_SWISH   x · min(max(x + 3, 0), 6) / 6, or x · hardSigmoid(x)
 * </pre>
 *
 * <p>The factors may come in any order.
 */
public final class FuseActivations extends Rewriting {
  private static final double ROOT_HALF = Math.sqrt(0.5);
  private static final double ROOT_TWO_BY_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    boolean product = Match.is(node, Binary.Function.MUL) || Match.is(node, Binary.Function.DIV);
    if (!product || !node.output().fact().dtype().isFloating()) {
      return null;
    }
    Product whole = Product.of(graph, node.output());
    if (!whole.isPair()) {
      return null;
    }
    for (int i = 0; i < 2; i++) {
      Value x = whole.factors().get(i);
      Unary.Function function = function(graph, whole, x, whole.factors().get(1 - i));
      if (function != null && Match.sameShape(x, node.output())) {
        return graph.addBefore(node, new Unary(function), x);
      }
    }
    return null;
  }

  private static Unary.@Nullable Function function(
      Graph graph, Product whole, Value x, Value gate) {
    if (whole.hasNumber(1) && Match.argument(gate, Unary.Function.SIGMOID) == x) {
      return Unary.Function.SILU;
    }
    if (isHardSwish(whole, x, gate)) {
      return Unary.Function.HARD_SWISH;
    }
    Value inner = Match.summand(gate, 1);
    if (inner == null || !whole.hasNumber(0.5)) {
      return null;
    }
    Value argument = Match.argument(inner, Unary.Function.ERF);
    if (argument != null) {
      Product scaled = Product.of(graph, argument);
      return scaled.isScaled(x) && scaled.hasNumber(ROOT_HALF) ? Unary.Function.GELU : null;
    }
    argument = Match.argument(inner, Unary.Function.TANH);
    return argument != null && isCubic(graph, Product.of(graph, argument), x)
        ? Unary.Function.GELU_TANH
        : null;
  }

  private static boolean isHardSwish(Product whole, Value x, Value gate) {
    Node clip = Match.made(gate, Clip.class);
    if (clip != null && clip.operator().equals(new Clip(0, 6))) {
      return whole.hasNumber(1 / 6.0) && Match.summand(clip.input(0), 3) == x;
    }
    Node sigmoid = Match.made(gate, HardSigmoid.class);
    return sigmoid != null
        && sigmoid.input(0) == x
        && sigmoid.operator() instanceof HardSigmoid hard
        && Match.near(hard.alpha(), 1 / 6.0)
        && Match.near(hard.beta(), 0.5)
        && whole.hasNumber(1);
  }

  /** {@code √(2/π) · (x + c · x³)} or {@code √(2/π) · x · (1 + c · x²)}. */
  private static boolean isCubic(Graph graph, Product argument, Value x) {
    if (!argument.hasNumber(ROOT_TWO_BY_PI)) {
      return false;
    }
    if (argument.isPair()) {
      Value other =
          argument.factors().get(0) == x ? argument.factors().get(1) : argument.factors().get(0);
      Value term = Match.summand(other, 1);
      return argument.factors().contains(x) && term != null && isPower(graph, term, x, 2);
    }
    Node sum =
        argument.factors().size() == 1
            ? Match.made(argument.factors().getFirst(), Binary.Function.ADD)
            : null;
    return sum != null
        && (sum.input(0) == x || sum.input(1) == x)
        && isPower(graph, Match.other(sum, x), x, 3);
  }

  /** {@code c · x^n}, by multiplication or as a power. */
  private static boolean isPower(Graph graph, Value term, Value x, int n) {
    Product product = Product.of(graph, term);
    int power = 0;
    for (Value factor : product.factors()) {
      Node pow = Match.made(factor, Binary.Function.POW);
      Double exponent = pow == null ? null : Match.number(pow.input(1));
      if (factor == x) {
        power++;
      } else if (pow != null
          && pow.input(0) == x
          && exponent != null
          && exponent == Math.rint(exponent)) {
        power += exponent.intValue();
      } else {
        return false;
      }
    }
    return power == n && product.hasNumber(CUBIC);
  }
}
