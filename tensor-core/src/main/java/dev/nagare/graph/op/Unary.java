package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = f(x)}, element by element; any shape.
 *
 * <p>Dtypes: floating point, {@link Function#NEG}, {@link Function#ABS}, {@link Function#SIGN} and
 * {@link Function#RELU} integers as well, {@link Function#NOT} BOOL. Source: the ONNX operators of
 * the same names; {@link Function#SILU} is {@code x·Sigmoid(x)}.
 *
 * @param function which
 */
public record Unary(Function function) implements Operator {

  /** Functions of one argument. */
  public enum Function {
    /** {@code max(x, 0)}. */
    RELU,
    /** {@code 1 / (1 + e^-x)}. */
    SIGMOID,
    /** Hyperbolic tangent. */
    TANH,
    /** {@code e^x}. */
    EXP,
    /** Natural logarithm. */
    LOG,
    /** {@code √x}. */
    SQRT,
    /** {@code -x}. */
    NEG,
    /** {@code |x|}. */
    ABS,
    /** Error function, {@code 2/√π · ∫₀ˣ e^-t² dt}. */
    ERF,
    /** {@code 1 / x}. */
    RECIPROCAL,
    /** The whole number at or below. */
    FLOOR,
    /** The whole number at or above. */
    CEIL,
    /** The nearest whole number, the even one of two. */
    ROUND,
    /** -1, 0 or 1. */
    SIGN,
    /** Whether x is not so. */
    NOT,
    /** {@code ln(1 + e^x)}. */
    SOFTPLUS,
    /** {@code x / (1 + |x|)}. */
    SOFTSIGN,
    /** Sine. */
    SIN,
    /** Cosine. */
    COS,
    /** GELU by the error function. */
    GELU,
    /** GELU by a hyperbolic tangent. */
    GELU_TANH,
    /** {@code x·σ(x)}. */
    SILU,
    /** {@code x·min(max(x / 6 + 1/2, 0), 1)}. */
    HARD_SWISH;

    /** The value, of those that have no kernel. */
    double of(double x) {
      return switch (this) {
        case SIGN -> Math.signum(x);
        case NOT -> x == 0 ? 1 : 0;
        case SOFTPLUS -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
        case SOFTSIGN -> x / (1 + Math.abs(x));
        case SIN -> StrictMath.sin(x);
        case COS -> StrictMath.cos(x);
        default -> throw new IllegalStateException(this + " has a kernel");
      };
    }

    /** The value, of those that take integers or truth values. */
    long of(long x) {
      return switch (this) {
        case RELU -> Math.max(x, 0);
        case NEG -> -x;
        case ABS -> Math.abs(x);
        case SIGN -> Long.signum(x);
        case NOT -> x == 0 ? 1 : 0;
        default -> throw new IllegalStateException(this + " of an integer");
      };
    }

    private boolean takesIntegers() {
      return this == NEG || this == ABS || this == SIGN || this == RELU;
    }
  }

  @Override
  public String name() {
    return function.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    if (function == Function.NOT) {
      Rules.of(name(), DType.BOOL, x);
    } else if (!function.takesIntegers() || x.dtype() == DType.BOOL) {
      Rules.floating(name(), x);
    }
    return List.of(new Fact(x.dtype(), x.shape(), contents(x.contents())));
  }

  private @Nullable List<Dim> contents(@Nullable List<Dim> of) {
    if (of == null) {
      return null;
    }
    var result = new ArrayList<Dim>();
    for (Dim dim : of) {
      Dim known = content(dim);
      if (known == null) {
        return null;
      }
      result.add(known);
    }
    return result;
  }

  private @Nullable Dim content(Dim x) {
    return switch (function) {
      case NEG -> x.times(-1);
      case NOT -> x.isKnown() ? Dim.of(x.is(0) ? 1 : 0) : null;
      case ABS -> x.isKnown() ? Dim.of(Math.abs(x.value())) : null;
      case SIGN -> x.isKnown() ? Dim.of(Long.signum(x.value())) : null;
      case RELU -> x.isKnown() ? Dim.of(Math.max(x.value(), 0)) : null;
      default -> null;
    };
  }

  @Override
  public Order order() {
    return Order.SAME;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    return Elementwise.unary(kernels, function, Steps.input(inputs, 0), outputs.getFirst());
  }
}
