package dev.nagare.graph;

import dev.nagare.tensor.TensorException;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A size: a linear expression of named sizes, such as {@code 2·batch + 1}.
 *
 * <p>What is not linear, a product of two names or a quotient that leaves a rest, is a term of its
 * own that is known by how it was made: {@code floor((width - 1) / 2)} equals another one exactly
 * if both are written alike. Two dims that are equal have the same value whatever the names stand
 * for; the reverse is not promised. Immutable.
 */
public final class Dim {
  /** 0. */
  public static final Dim ZERO = of(0);

  /** 1. */
  public static final Dim ONE = of(1);

  /** The most names in an expression: sums and products of themselves would double for ever. */
  private static final int MOST_NAMES = 1000;

  private final long constant;
  private final SortedMap<Term, Long> terms; // coefficients, none 0
  private final int names;

  private Dim(long constant, SortedMap<Term, Long> terms) {
    this.constant = constant;
    this.terms = terms;
    this.names = terms.keySet().stream().mapToInt(Term::names).sum();
    if (names > MOST_NAMES) {
      throw TensorException.mismatch("size: an expression of more than " + MOST_NAMES + " names");
    }
  }

  /** A known size. */
  public static Dim of(long value) {
    return new Dim(value, new TreeMap<>());
  }

  /** A named size, such as {@code batch}. */
  public static Dim named(String name) {
    return ofTerm(new Name(name));
  }

  private static Dim ofTerm(Term term) {
    var terms = new TreeMap<Term, Long>();
    terms.put(term, 1L);
    return new Dim(0, terms);
  }

  /** Whether no name is left in it. */
  public boolean isKnown() {
    return terms.isEmpty();
  }

  /** Whether it is this number. */
  public boolean is(long value) {
    return terms.isEmpty() && constant == value;
  }

  /**
   * The number.
   *
   * @throws TensorException kind MISMATCH if it depends on names
   */
  public long value() {
    if (!isKnown()) {
      throw TensorException.mismatch(
          "size " + this + ": expected a number here, got an expression; bind its names");
    }
    return constant;
  }

  /** Whether it is seen to be 0 or more, whatever sizes its names stand for. */
  public boolean isNatural() {
    return constant >= 0
        && terms.entrySet().stream()
            .allMatch(term -> term.getValue() >= 0 && term.getKey().isNatural());
  }

  /** Sum. */
  public Dim plus(Dim other) {
    var sum = new TreeMap<>(terms);
    other.terms.forEach((term, factor) -> sum.merge(term, factor, Math::addExact));
    sum.values().removeIf(factor -> factor == 0);
    return new Dim(Math.addExact(constant, other.constant), sum);
  }

  /** Sum with a number. */
  public Dim plus(long number) {
    return new Dim(Math.addExact(constant, number), terms);
  }

  /** Difference. */
  public Dim minus(Dim other) {
    return plus(other.times(-1));
  }

  /** Multiple. */
  public Dim times(long factor) {
    if (factor == 0) {
      return ZERO;
    }
    var scaled = new TreeMap<Term, Long>();
    terms.forEach((term, by) -> scaled.put(term, Math.multiplyExact(by, factor)));
    return new Dim(Math.multiplyExact(constant, factor), scaled);
  }

  /** Product; of two expressions it is a term of its own. */
  public Dim times(Dim other) {
    if (other.isKnown()) {
      return times(other.constant);
    }
    if (isKnown()) {
      return other.times(constant);
    }
    return toString().compareTo(other.toString()) <= 0
        ? ofTerm(new Product(this, other))
        : ofTerm(new Product(other, this));
  }

  /** Quotient, rounded down. */
  public Dim floorDiv(long divisor) {
    if (divisor == 0) {
      throw TensorException.mismatch("size (" + this + ") / 0");
    }
    boolean exact = terms.values().stream().allMatch(factor -> factor % divisor == 0);
    if (exact) {
      var parts = new TreeMap<Term, Long>();
      terms.forEach((term, factor) -> parts.put(term, factor / divisor));
      return new Dim(Math.floorDiv(constant, divisor), parts);
    }
    return ofTerm(new Quotient(this, divisor));
  }

  /**
   * Quotient of expressions where it leaves no rest, such as {@code batch·seq·384 / seq}; null if
   * that is not seen.
   */
  public @Nullable Dim exactDiv(Dim divisor) {
    if (equals(divisor)) {
      return ONE;
    }
    if (divisor.isKnown()) {
      long by = divisor.constant;
      boolean exact =
          by != 0
              && constant % by == 0
              && terms.values().stream().allMatch(factor -> factor % by == 0);
      return exact ? floorDiv(by) : null;
    }
    if (constant == 0 && terms.size() == 1) {
      Map.Entry<Term, Long> only = terms.entrySet().iterator().next();
      if (only.getKey() instanceof Product product) {
        Dim left = product.left.exactDiv(divisor);
        if (left != null) {
          return product.right.times(left).times(only.getValue());
        }
        Dim right = product.right.exactDiv(divisor);
        return right == null ? null : product.left.times(right).times(only.getValue());
      }
      if (divisor.constant == 0 && divisor.terms.size() == 1) {
        Map.Entry<Term, Long> other = divisor.terms.entrySet().iterator().next();
        if (other.getKey().equals(only.getKey()) && only.getValue() % other.getValue() == 0) {
          return of(only.getValue() / other.getValue());
        }
      }
    }
    return null;
  }

  /** The expression with names replaced by numbers; names that are not in the map stay. */
  public Dim bind(Map<String, Long> names) {
    Dim sum = of(constant);
    for (var entry : terms.entrySet()) {
      sum = sum.plus(entry.getKey().bind(names).times(entry.getValue()));
    }
    return sum;
  }

  /**
   * What expressions can be computed with: numbers, or nodes of a graph that compute them.
   *
   * @param <T> what stands for a size
   */
  public interface Arithmetic<T> {
    /** A number. */
    T number(long value);

    /** A named size. */
    T named(String name);

    /** Sum. */
    T plus(T left, T right);

    /** Product. */
    T times(T left, T right);

    /** Quotient, rounded down. */
    T floorDiv(T dividend, long divisor);
  }

  /** The expression, computed with something else. */
  public <T> T in(Arithmetic<T> arithmetic) {
    @Nullable T sum = null;
    for (var entry : terms.entrySet()) {
      T term = entry.getKey().in(arithmetic);
      long factor = entry.getValue();
      T scaled = factor == 1 ? term : arithmetic.times(term, arithmetic.number(factor));
      sum = sum == null ? scaled : arithmetic.plus(sum, scaled);
    }
    if (sum == null) {
      return arithmetic.number(constant);
    }
    return constant == 0 ? sum : arithmetic.plus(sum, arithmetic.number(constant));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Dim dim && constant == dim.constant && terms.equals(dim.terms);
  }

  @Override
  public int hashCode() {
    return Objects.hash(constant, terms);
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    terms.forEach(
        (term, factor) -> {
          text.append(factor < 0 ? (text.isEmpty() ? "-" : " - ") : text.isEmpty() ? "" : " + ");
          if (Math.abs(factor) != 1) {
            text.append(Math.abs(factor)).append('·');
          }
          text.append(term);
        });
    if (text.isEmpty()) {
      return Long.toString(constant);
    }
    if (constant != 0) {
      text.append(constant < 0 ? " - " : " + ").append(Math.abs(constant));
    }
    return text.toString();
  }

  /** What a coefficient stands before; ordered and compared by its text. */
  private sealed interface Term extends Comparable<Term> permits Name, Product, Quotient {
    Dim bind(Map<String, Long> names);

    <T> T in(Arithmetic<T> arithmetic);

    boolean isNatural();

    /** How many names it holds. */
    int names();

    @Override
    default int compareTo(Term other) {
      return toString().compareTo(other.toString());
    }
  }

  private record Name(String name) implements Term {
    @Override
    public Dim bind(Map<String, Long> names) {
      Long value = names.get(name);
      return value == null ? ofTerm(this) : of(value);
    }

    @Override
    public <T> T in(Arithmetic<T> arithmetic) {
      return arithmetic.named(name);
    }

    @Override
    public int names() {
      return 1;
    }

    @Override
    public boolean isNatural() {
      return true;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private record Product(Dim left, Dim right) implements Term {
    @Override
    public Dim bind(Map<String, Long> names) {
      return left.bind(names).times(right.bind(names));
    }

    @Override
    public <T> T in(Arithmetic<T> arithmetic) {
      return arithmetic.times(left.in(arithmetic), right.in(arithmetic));
    }

    @Override
    public int names() {
      return left.names + right.names;
    }

    @Override
    public boolean isNatural() {
      return left.isNatural() && right.isNatural();
    }

    @Override
    public String toString() {
      return factor(left) + "·" + factor(right);
    }

    private static String factor(Dim dim) {
      boolean single = dim.constant == 0 && dim.terms.size() == 1;
      return single ? dim.toString() : "(" + dim + ")";
    }
  }

  private record Quotient(Dim dividend, long divisor) implements Term {
    @Override
    public Dim bind(Map<String, Long> names) {
      Dim bound = dividend.bind(names);
      return bound.isKnown() ? of(Math.floorDiv(bound.constant, divisor)) : bound.floorDiv(divisor);
    }

    @Override
    public <T> T in(Arithmetic<T> arithmetic) {
      return arithmetic.floorDiv(dividend.in(arithmetic), divisor);
    }

    @Override
    public int names() {
      return 1 + dividend.names;
    }

    @Override
    public boolean isNatural() {
      return divisor > 0 && dividend.isNatural();
    }

    @Override
    public String toString() {
      return "floor((" + dividend + ") / " + divisor + ")";
    }
  }
}
