package dev.nagare.graph.pass;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Cast;
import dev.nagare.graph.op.Expand;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Unary;
import dev.nagare.graph.op.Where;
import dev.nagare.tensor.DType;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds out whether what is added to attention scores hides padding and nothing else.
 *
 * <p>It does if it is made, element by element, of an input {@code [batch, seq]} and numbers, with
 * the keys as its last axis, and if it is 0 where that input is 1, and so far below 0 that no
 * weight is left where it is 0. Both are found by computing it for one element.
 */
final class PaddingMask {
  /** What lies further below the other scores has a weight of 0 in F32. */
  private static final double HIDDEN = -9_000;

  private final Dim batch;
  private final Dim seq;
  private final Set<String> inputs = new LinkedHashSet<>();

  PaddingMask(Dim batch, Dim seq) {
    this.batch = batch;
    this.seq = seq;
  }

  /** What a mask does that it should not, as the end of a sentence; empty if nothing. */
  String fault(Value mask) {
    double shown = new Elements(1).at(mask);
    double hidden = new Elements(0).at(mask);
    if (Double.isNaN(shown) || Double.isNaN(hidden)) {
      return "is not made of an input [" + batch + ", " + seq + "] and numbers";
    }
    return shown == 0 && hidden <= HIDDEN
        ? ""
        : "adds " + (shown + 0.0) + " for a token and " + hidden + " for padding";
  }

  /** The inputs that the masks looked at so far are made of. */
  Set<String> inputs() {
    return inputs;
  }

  /** Values where the input has this element; each is computed once. */
  private final class Elements {
    private final double element;
    private final IdentityHashMap<Value, Double> known = new IdentityHashMap<>();

    Elements(double element) {
      this.element = element;
    }

    /** NaN if it is made otherwise. */
    double at(Value value) {
      Double before = known.get(value);
      if (before == null) {
        before = computed(value);
        known.put(value, before);
      }
      return before;
    }

    private double computed(Value value) {
      Double number = Match.number(value);
      if (number != null) {
        return number;
      }
      List<Dim> shape = value.fact().shape();
      if (shape.size() < 2 || !shape.getFirst().equals(batch) || !shape.getLast().equals(seq)) {
        return Double.NaN; // along another axis it would hide queries
      }
      Node node = value.producer();
      if (node == null) {
        if (value.isConstant()) {
          return Double.NaN;
        }
        inputs.add(value.name());
        return element;
      }
      return switch (node.operator()) {
        case Reshape _, Expand _ -> at(node.input(0));
        case Cast cast -> cast(at(node.input(0)), cast.to());
        case Unary unary -> unary(unary.function(), at(node.input(0)));
        case Binary binary -> binary(binary.function(), at(node.input(0)), at(node.input(1)));
        case Where _ -> {
          double condition = at(node.input(0));
          yield Double.isNaN(condition) ? Double.NaN : at(node.input(condition != 0 ? 1 : 2));
        }
        default -> Double.NaN;
      };
    }
  }

  private static double cast(double x, DType to) {
    if (Double.isNaN(x) || to.isFloating()) {
      return x;
    }
    return to == DType.BOOL ? truth(x != 0) : (long) x;
  }

  private static double unary(Unary.Function function, double x) {
    return switch (function) {
      case NOT -> Double.isNaN(x) ? x : truth(x == 0);
      case NEG -> -x;
      default -> Double.NaN;
    };
  }

  private static double binary(Binary.Function function, double a, double b) {
    if (Double.isNaN(a) || Double.isNaN(b)) {
      return Double.NaN;
    }
    return switch (function) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MIN -> Math.min(a, b);
      case MAX -> Math.max(a, b);
      case EQUAL -> truth(a == b);
      case LESS -> truth(a < b);
      case GREATER -> truth(a > b);
      case LESS_OR_EQUAL -> truth(a <= b);
      case GREATER_OR_EQUAL -> truth(a >= b);
      default -> Double.NaN;
    };
  }

  private static double truth(boolean holds) {
    return holds ? 1 : 0;
  }
}
