package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = f(a, b)}, element by element, with broadcasting: axes are compared from the last, one
 * that is missing or has size 1 repeats.
 *
 * <p>Dtypes: both the same, {@link Function#POW} excepted, whose exponent may have its own;
 * relations answer BOOL, {@link Function#AND}, {@link Function#OR} and {@link Function#XOR} take
 * it. Integers divide towards zero. Source: the ONNX operators of the same names.
 *
 * @param function which
 */
public record Binary(Function function) implements Operator {

  /** Functions of two arguments. */
  public enum Function {
    /** {@code a + b}. */
    ADD,
    /** {@code a - b}. */
    SUB,
    /** {@code a · b}. */
    MUL,
    /** {@code a / b}. */
    DIV,
    /** {@code a^b}. */
    POW,
    /** The smaller; not a number if either is none. */
    MIN,
    /** The larger; not a number if either is none. */
    MAX,
    /** The rest of {@code a / b}, with the sign of b. */
    MOD,
    /** The rest of {@code a / b}, with the sign of a: C's {@code fmod}. */
    REMAINDER,
    /** Whether both are so. */
    AND,
    /** Whether either is so. */
    OR,
    /** Whether one is so and the other is not. */
    XOR,
    /** {@code a = b}. */
    EQUAL,
    /** {@code a < b}. */
    LESS,
    /** {@code a <= b}. */
    LESS_OR_EQUAL,
    /** {@code a > b}. */
    GREATER,
    /** {@code a >= b}. */
    GREATER_OR_EQUAL,
    /** a where it is not negative, {@code a · b} else. */
    PRELU;

    /** Whether the answer is BOOL whatever is asked. */
    public boolean isRelation() {
      return switch (this) {
        case EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> true;
        default -> false;
      };
    }

    /** The value, of numbers. */
    double of(double a, double b) {
      return switch (this) {
        case ADD -> a + b;
        case SUB -> a - b;
        case MUL -> a * b;
        case DIV -> a / b;
        case POW -> StrictMath.pow(a, b);
        case MIN -> Math.min(a, b);
        case MAX -> Math.max(a, b);
        case MOD -> a - b * Math.floor(a / b);
        case REMAINDER -> a % b;
        case PRELU -> a < 0 ? a * b : a;
        case AND -> truth(a != 0 && b != 0);
        case OR -> truth(a != 0 || b != 0);
        case XOR -> truth((a != 0) != (b != 0));
        case EQUAL -> truth(a == b);
        case LESS -> truth(a < b);
        case LESS_OR_EQUAL -> truth(a <= b);
        case GREATER -> truth(a > b);
        case GREATER_OR_EQUAL -> truth(a >= b);
      };
    }

    /** The value, of integers and truth values. */
    long of(long a, long b) {
      return switch (this) {
        case ADD -> a + b;
        case SUB -> a - b;
        case MUL -> a * b;
        case DIV -> a / b;
        case POW -> power(a, b);
        case MIN -> Math.min(a, b);
        case MAX -> Math.max(a, b);
        case MOD -> Math.floorMod(a, b);
        case REMAINDER -> a % b;
        case PRELU -> a < 0 ? a * b : a;
        case AND -> truth(a != 0 && b != 0);
        case OR -> truth(a != 0 || b != 0);
        case XOR -> truth((a != 0) != (b != 0));
        case EQUAL -> truth(a == b);
        case LESS -> truth(a < b);
        case LESS_OR_EQUAL -> truth(a <= b);
        case GREATER -> truth(a > b);
        case GREATER_OR_EQUAL -> truth(a >= b);
      };
    }

    private static int truth(boolean holds) {
      return holds ? 1 : 0;
    }

    private static long power(long base, long exponent) {
      if (exponent < 0) {
        return (long) StrictMath.pow((double) base, (double) exponent);
      }
      long result = 1;
      long square = base;
      for (long rest = exponent; rest > 0; rest >>= 1) {
        result = (rest & 1) == 1 ? result * square : result;
        square *= square;
      }
      return result;
    }

    private boolean isLogical() {
      return this == AND || this == OR || this == XOR;
    }
  }

  @Override
  public String name() {
    return function.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact a = Rules.required(name(), inputs, 0);
    Fact b = Rules.required(name(), inputs, 1);
    if (function != Function.POW) {
      Rules.sameDtype(name(), a, b);
    }
    if (function.isLogical()) {
      Rules.of(name(), DType.BOOL, a);
    } else if (a.dtype() == DType.BOOL && function != Function.EQUAL) {
      throw TensorException.mismatch(name() + ": expected numbers, got " + a + " and " + b);
    }
    DType dtype = function.isRelation() ? DType.BOOL : a.dtype();
    List<Dim> shape = Rules.broadcast(name(), a, b);
    return List.of(new Fact(dtype, shape, Contents.of(a, b, this::content)));
  }

  private @Nullable Dim content(Dim a, Dim b) {
    boolean known = a.isKnown() && b.isKnown();
    return switch (function) {
      case ADD -> a.plus(b);
      case SUB -> a.minus(b);
      case MUL -> a.times(b);
      case DIV -> Contents.quotient(a, b);
      case MIN -> a.equals(b) ? a : known ? Dim.of(Math.min(a.value(), b.value())) : null;
      case MAX -> a.equals(b) ? a : known ? Dim.of(Math.max(a.value(), b.value())) : null;
      case MOD -> known && !b.is(0) ? Dim.of(Math.floorMod(a.value(), b.value())) : null;
      case REMAINDER -> known && !b.is(0) ? Dim.of(a.value() % b.value()) : null;
      case EQUAL -> Contents.equal(a, b);
      case AND -> known ? truth(!a.is(0) && !b.is(0)) : null;
      case OR -> known ? truth(!a.is(0) || !b.is(0)) : null;
      case XOR -> known ? truth(a.is(0) != b.is(0)) : null;
      case LESS -> known ? truth(a.value() < b.value()) : null;
      case LESS_OR_EQUAL -> known ? truth(a.value() <= b.value()) : null;
      case GREATER -> known ? truth(a.value() > b.value()) : null;
      case GREATER_OR_EQUAL -> known ? truth(a.value() >= b.value()) : null;
      case POW, PRELU -> null;
    };
  }

  private static Dim truth(boolean holds) {
    return holds ? Dim.ONE : Dim.ZERO;
  }

  @Override
  public Order order() {
    return Order.SAME;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    return Elementwise.binary(
        kernels,
        function,
        Steps.input(inputs, 0),
        Steps.input(inputs, 1),
        outputs.getFirst(),
        scratch);
  }
}
