package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Questions that patterns ask about values and what makes them. */
final class Match {
  private Match() {}

  /** The node that makes a value, if its operator is of this type and this is its first output. */
  static @Nullable Node made(@Nullable Value value, Class<? extends Operator> by) {
    Node node = value == null ? null : value.producer();
    return node != null && by.isInstance(node.operator()) && node.output() == value ? node : null;
  }

  /** The node that makes a value, if it is this function of two arguments. */
  static @Nullable Node made(@Nullable Value value, Binary.Function by) {
    Node node = made(value, Binary.class);
    return is(node, by) ? node : null;
  }

  /** The argument of which a value is this function. */
  static @Nullable Value argument(@Nullable Value value, Unary.Function of) {
    Node node = made(value, Unary.class);
    return node != null && node.operator().equals(new Unary(of)) ? node.input(0) : null;
  }

  static boolean is(@Nullable Node node, Binary.Function function) {
    return node != null && node.operator().equals(new Binary(function));
  }

  /** The other operand of a node with two. */
  static Value other(Node node, Value one) {
    return node.input(0) == one ? node.input(1) : node.input(0);
  }

  /** The one number that a value always is, which a pass that rewrites builds in, or null. */
  static @Nullable Double number(@Nullable Value value) {
    Double number = elementOf(value);
    if (value != null && number != null) {
      value.consult();
    }
    return number;
  }

  private static @Nullable Double elementOf(@Nullable Value value) {
    Tensor constant = value == null ? null : value.constant();
    return constant != null && constant.elements() == 1 ? constant.get(0) : null;
  }

  /** Whether a value is always this number, up to the rounding of F32. */
  static boolean isNumber(@Nullable Value value, double number) {
    Double is = elementOf(value);
    return is != null && near(is, number) && number(value) != null;
  }

  /** Whether a value is always this number exactly. */
  static boolean isExactly(@Nullable Value value, double number) {
    Double is = elementOf(value);
    return is != null && is == number && number(value) != null;
  }

  static boolean near(double is, double number) {
    return Math.abs(is - number) <= 1e-5 * Math.abs(number);
  }

  /**
   * What a sum adds to a number, in whichever order: x for {@code x + number}.
   *
   * @return null if the value is no such sum
   */
  static @Nullable Value summand(@Nullable Value value, double number) {
    Node add = made(value, Binary.Function.ADD);
    if (add == null) {
      return null;
    }
    if (isNumber(add.input(1), number)) {
      return add.input(0);
    }
    return isNumber(add.input(0), number) ? add.input(1) : null;
  }

  /** Whether nobody but one node reads a value, so that it need not exist. */
  static boolean isPrivate(Graph graph, Value value) {
    return value.producer() != null && graph.uses(value) == 1;
  }

  /** Whether a shape rule says that both have the same shape. */
  static boolean sameShape(Value a, Value b) {
    return a.fact().shape().equals(b.fact().shape());
  }
}
