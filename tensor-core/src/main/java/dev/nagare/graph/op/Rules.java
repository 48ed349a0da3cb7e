package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What shape rules have in common: operands that must be there, axes, broadcasting. */
final class Rules {
  private Rules() {}

  /** An input that must be there. */
  static Fact required(String op, List<@Nullable Fact> inputs, int index) {
    Fact fact = optional(inputs, index);
    if (fact == null) {
      throw TensorException.mismatch(op + ": expected an input " + index + ", got none");
    }
    return fact;
  }

  /** An input, or null where it is absent. */
  static @Nullable Fact optional(List<@Nullable Fact> inputs, int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  /** An axis counted from the first. */
  static int axis(String op, int axis, int rank) {
    int at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
      throw TensorException.mismatch(op + ": axis " + axis + " of a tensor with " + rank + " axes");
    }
    return at;
  }

  /** Axes counted from the first, in order; all of them if none are given. */
  static List<Integer> axes(String op, List<Integer> axes, int rank) {
    var result = new ArrayList<Integer>();
    if (axes.isEmpty()) {
      for (int i = 0; i < rank; i++) {
        result.add(i);
      }
    }
    for (int axis : axes) {
      int at = axis(op, axis, rank);
      if (!result.contains(at)) {
        result.add(at);
      }
    }
    Collections.sort(result);
    return result;
  }

  /** Refuses two operands of different dtypes. */
  static void sameDtype(String op, Fact a, Fact b) {
    if (a.dtype() != b.dtype()) {
      throw TensorException.mismatch(op + ": " + a + " and " + b + ", expected one dtype");
    }
  }

  /** Refuses an operand that is no floating point number. */
  static Fact floating(String op, Fact x) {
    if (!x.dtype().isFloating()) {
      throw TensorException.mismatch(op + ": expected floating point numbers, got " + x);
    }
    return x;
  }

  /** Refuses an operand of another dtype. */
  static Fact of(String op, DType dtype, Fact x) {
    if (x.dtype() != dtype) {
      throw TensorException.mismatch(op + ": expected " + dtype + ", got " + x);
    }
    return x;
  }

  /** Refuses a parameter that has not one element for each channel of {@code [N, C, ..]}. */
  static void channels(String op, Fact x, Fact parameter) {
    sameDtype(op, x, parameter);
    if (parameter.rank() != 1 || differ(parameter.dim(0), x.dim(1))) {
      throw TensorException.mismatch(
          op + ": parameter " + parameter + " of " + x + ", expected [" + x.dim(1) + "]");
    }
  }

  /** Refuses an operand with another number of axes. */
  static Fact rank(String op, int rank, Fact x) {
    if (x.rank() != rank) {
      throw TensorException.mismatch(op + ": expected " + rank + " axes, got " + x);
    }
    return x;
  }

  /**
   * The shape that both broadcast to: axes are compared from the last, one that is missing or has
   * size 1 repeats. A named size beside a number other than 1 is taken to be that number.
   */
  static List<Dim> broadcast(String op, Fact a, Fact b) {
    return broadcast(op, a.shape(), b.shape());
  }

  static List<Dim> broadcast(String op, List<Dim> a, List<Dim> b) {
    int rank = Math.max(a.size(), b.size());
    var result = new ArrayList<Dim>();
    for (int i = 0; i < rank; i++) {
      int atA = i - (rank - a.size());
      int atB = i - (rank - b.size());
      Dim one = atA < 0 ? Dim.ONE : a.get(atA);
      Dim two = atB < 0 ? Dim.ONE : b.get(atB);
      result.add(together(op, one, two, a, b));
    }
    return result;
  }

  private static Dim together(String op, Dim one, Dim two, List<Dim> a, List<Dim> b) {
    if (one.equals(two) || two.is(1)) {
      return one;
    }
    if (one.is(1)) {
      return two;
    }
    if (one.isKnown() && !two.isKnown()) {
      return one;
    }
    if (two.isKnown() && !one.isKnown()) {
      return two;
    }
    throw TensorException.mismatch(
        op + ": " + a + " and " + b + " do not broadcast: " + one + " beside " + two);
  }

  /** Whether two sizes are known to differ. */
  static boolean differ(Dim one, Dim two) {
    return one.isKnown() && two.isKnown() && !one.equals(two);
  }
}
