package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** Arithmetic on the known contents of small tensors, which are sizes more often than not. */
final class Contents {
  private Contents() {}

  /** A function of two dims that may not know its answer. */
  @FunctionalInterface
  interface OfTwo {
    @Nullable Dim of(Dim a, Dim b);
  }

  /** Corresponding elements of scalars and vectors, as far as all are known; else null. */
  static @Nullable List<Dim> of(Fact a, Fact b, OfTwo function) {
    List<Dim> left = a.contents();
    List<Dim> right = b.contents();
    if (left == null || right == null || Math.max(a.rank(), b.rank()) > 1) {
      return null;
    }
    int size = together(left.size(), right.size());
    var result = new ArrayList<Dim>();
    for (int i = 0; i < size; i++) {
      Dim element = function.of(at(left, i), at(right, i));
      if (element == null) {
        return null;
      }
      result.add(element);
    }
    return result;
  }

  /** Size of two vectors together. */
  static int together(int a, int b) {
    return a == 1 ? b : a;
  }

  /** An element of a vector that repeats if it has but one. */
  static Dim at(List<Dim> elements, int index) {
    return elements.get(elements.size() == 1 ? 0 : index);
  }

  /** The elements joined by an associative function; null where they are not known. */
  static @Nullable Dim folded(@Nullable List<Dim> elements, Dim first, BinaryOperator<Dim> by) {
    if (elements == null) {
      return null;
    }
    Dim result = first;
    for (Dim element : elements) {
      result = by.apply(result, element);
    }
    return result;
  }

  /** Quotient towards zero. An expression of names is a size, so it is not negative. */
  static @Nullable Dim quotient(Dim a, Dim b) {
    if (b.is(0)) {
      return null;
    }
    if (a.isKnown() && b.isKnown()) {
      return Dim.of(a.value() / b.value());
    }
    Dim exact = a.exactDiv(b);
    if (exact != null) {
      return exact;
    }
    return b.isKnown() && b.value() > 0 && a.isNatural() ? a.floorDiv(b.value()) : null;
  }

  /** 1 or 0 where it is certain, null where it depends on the names. */
  static @Nullable Dim equal(Dim a, Dim b) {
    if (a.equals(b)) {
      return Dim.ONE;
    }
    Dim difference = a.minus(b);
    boolean apart =
        difference.isKnown()
            || difference.plus(-1).isNatural()
            || difference.times(-1).plus(-1).isNatural();
    return apart ? Dim.ZERO : null;
  }
}
