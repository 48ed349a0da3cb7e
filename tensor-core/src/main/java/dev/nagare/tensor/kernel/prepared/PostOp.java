package dev.nagare.tensor.kernel.prepared;

/**
 * What is done with each element of a result on its way out, in a list from first to last.
 *
 * <p>All of it happens in f32, before the one rounding to the result's dtype.
 */
public sealed interface PostOp {

  /**
   * A function of the element.
   *
   * @param function which
   * @param alpha see the function
   * @param beta see the function
   */
  record Apply(Function function, double alpha, double beta) implements PostOp {
    /** A function without parameters. */
    public Apply(Function function) {
      this(function, 0, 0);
    }
  }

  /**
   * A function of the element and the corresponding one of an operand, which has the result's shape
   * or one that broadcasts to it: one element per column or channel, or a single one.
   *
   * @param combination which
   * @param operandFirst whether the operand is the left argument: {@code operand - element}
   */
  record Combine(Combination combination, boolean operandFirst) implements PostOp {
    /** With the element as the left argument. */
    public Combine(Combination combination) {
      this(combination, false);
    }
  }

  /** Functions of one argument. */
  enum Function {
    /** {@code max(x, 0)}. */
    RELU,
    /** x where it is positive, {@code alpha·x} else. */
    LEAKY_RELU,
    /** x where it is positive, {@code alpha·(e^x - 1)} else. */
    ELU,
    /** {@code min(max(x, alpha), beta)}. */
    CLIP,
    /** {@code alpha·x + beta}. */
    LINEAR,
    /** {@code 1 / (1 + e^-x)}. */
    SIGMOID,
    /** Hyperbolic tangent. */
    TANH,
    /** {@code x·σ(x)}. */
    SILU,
    /** GELU by the error function. */
    GELU,
    /** GELU by a hyperbolic tangent. */
    GELU_TANH,
    /** {@code min(max(alpha·x + beta, 0), 1)}. */
    HARD_SIGMOID,
    /** {@code x·min(max(x / 6 + 1/2, 0), 1)}. */
    HARD_SWISH
  }

  /** Functions of two arguments. */
  enum Combination {
    /** Sum. */
    ADD,
    /** Difference. */
    SUB,
    /** Product. */
    MUL,
    /** Quotient. */
    DIV,
    /** The larger. */
    MAX,
    /** The smaller. */
    MIN
  }
}
