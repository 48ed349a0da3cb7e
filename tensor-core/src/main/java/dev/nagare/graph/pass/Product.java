package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import java.util.ArrayList;
import java.util.List;

/**
 * A value as a product: a number and what is multiplied with it, in whichever order and grouping a
 * graph does it.
 *
 * @param number product of all constants of one element
 * @param factors the rest, from left to right
 */
record Product(double number, List<Value> factors) {

  /**
   * Takes multiplications and divisions by numbers apart, as far as what they make is read by
   * nobody else.
   */
  static Product of(Graph graph, Value value) {
    var factors = new ArrayList<Value>();
    double number = collect(graph, value, true, factors);
    return new Product(number, factors);
  }

  private static double collect(Graph graph, Value value, boolean root, List<Value> factors) {
    Node node = Match.made(value, Binary.class);
    if (node != null && (root || Match.isPrivate(graph, value))) {
      if (Match.is(node, Binary.Function.MUL)) {
        Double left = Match.number(node.input(0));
        Double right = Match.number(node.input(1));
        double one = left != null ? left : collect(graph, node.input(0), false, factors);
        double two = right != null ? right : collect(graph, node.input(1), false, factors);
        return one * two;
      }
      if (Match.is(node, Binary.Function.DIV)) {
        Double right = Match.number(node.input(1));
        if (right != null) {
          return collect(graph, node.input(0), false, factors) / right;
        }
      }
    }
    factors.add(value);
    return 1;
  }

  /** Whether this is a number times one value. */
  boolean isScaled(Value of) {
    return factors.size() == 1 && factors.getFirst() == of;
  }

  /** Whether this is a number times a product of two. */
  boolean isPair() {
    return factors.size() == 2;
  }

  boolean hasNumber(double expected) {
    return Match.near(number, expected);
  }
}
