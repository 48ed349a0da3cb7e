package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;
import java.util.Locale;

/**
 * Functions of corresponding elements, with broadcasting.
 *
 * <p>Operands may have any strides and are broadcast to the shape of {@code out}, which is
 * contiguous and overlaps none of them: axes are compared from the last, one that is missing or has
 * size 1 repeats. Dtypes: F32 and F64, all operands the same, unless said. Every element is
 * computed by itself, so its bits depend on its operands alone.
 */
public interface Pointwise {

  /** {@code out = f(a, b)}. */
  void binary(Function f, Tensor a, Tensor b, Tensor out);

  /** {@code out = dy · ∂f/∂a (a, b)}, or by b; dy has the shape of out. */
  void slope(Function f, boolean byA, Tensor a, Tensor b, Tensor dy, Tensor out);

  /** {@code out = f(x)}; x is contiguous, out may be x. */
  void unary(Single f, Tensor x, Tensor out);

  /** {@code dx += dy · f'(x)}, given {@code y = f(x)}; all contiguous. */
  void unaryBackward(Single f, Tensor x, Tensor y, Tensor dy, Tensor dx);

  /** {@code out = min(max(x, low), high)}; what is not a number stays so; contiguous. */
  void clamp(double low, double high, Tensor x, Tensor out);

  /** {@code out = factor · x + term}, rounded once; contiguous, out may be x. */
  void linear(double factor, double term, Tensor x, Tensor out);

  /** {@code dx += dy} where {@code low <= x <= high}; contiguous. */
  void clampBackward(double low, double high, Tensor x, Tensor dy, Tensor dx);

  /** {@code out = a ? b}, BOOL; a and b of any one dtype. */
  void compare(Comparison c, Tensor a, Tensor b, Tensor out);

  /** {@code out = condition ? a : b}; condition is BOOL. */
  void where(Tensor condition, Tensor a, Tensor b, Tensor out);

  /** Functions of two arguments. */
  enum Function {
    /** {@code a + b}. */
    ADD,
    /** {@code a - b}. */
    SUB,
    /** {@code a · b}. */
    MUL,
    /** {@code a / b}. */
    DIV,
    /** The larger; not a number if either is none. Of equals each has half of the slope. */
    MAXIMUM,
    /** The smaller; not a number if either is none. Of equals each has half of the slope. */
    MINIMUM,
    /** {@code a^b}. */
    POW,
    /** 1 where both are equal or both not a number, else 0; has no slope. */
    SAME;

    private final String op = name().toLowerCase(Locale.ROOT);

    /** Name in errors. */
    public String op() {
      return op;
    }
  }

  /** Functions of one argument. */
  enum Single {
    /** {@code -x}. */
    NEG,
    /** {@code √x}. */
    SQRT,
    /** Natural logarithm. */
    LOG,
    /** Error function, {@code 2/√π · ∫₀ˣ e^-t² dt}; in F32 within 4 units in the last place. */
    ERF,
    /** {@code 1 / x}. */
    RECIPROCAL,
    /** The whole number at or below; the slope is 0, as it is of the next two. */
    FLOOR,
    /** The whole number at or above. */
    CEIL,
    /** The nearest whole number, the even one of two. */
    ROUND
  }

  /** Relations of two arguments; false where one is not a number, but for {@code NE}. */
  enum Comparison {
    /** {@code a == b}. */
    EQ,
    /** {@code a != b}. */
    NE,
    /** {@code a < b}. */
    LT,
    /** {@code a <= b}. */
    LE,
    /** {@code a > b}. */
    GT,
    /** {@code a >= b}. */
    GE;

    boolean holds(double a, double b) {
      return switch (this) {
        case EQ -> a == b;
        case NE -> a != b;
        case LT -> a < b;
        case LE -> a <= b;
        case GT -> a > b;
        case GE -> a >= b;
      };
    }

    boolean holds(long a, long b) {
      return switch (this) {
        case EQ -> a == b;
        case NE -> a != b;
        case LT -> a < b;
        case LE -> a <= b;
        case GT -> a > b;
        case GE -> a >= b;
      };
    }
  }
}
