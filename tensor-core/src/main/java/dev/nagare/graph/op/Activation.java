package dev.nagare.graph.op;

import java.util.List;

/**
 * What a gate of a recurrent layer applies, with ONNX's names and parameters.
 *
 * @param function which
 * @param alpha see the function
 * @param beta see the function
 */
public record Activation(Function function, double alpha, double beta) {
  private static final Activation SIGMOID = new Activation(Function.SIGMOID);
  private static final Activation TANH = new Activation(Function.TANH);

  /** The usual ones of an LSTM: gates, cell, hidden. */
  static final List<Activation> LSTM = List.of(SIGMOID, TANH, TANH);

  /** The usual ones of a GRU: gates, hidden. */
  static final List<Activation> GRU = List.of(SIGMOID, TANH);

  /** The usual one of a plain recurrence. */
  static final List<Activation> RNN = List.of(TANH);

  /** Without parameters. */
  public Activation(Function function) {
    this(function, 0, 0);
  }

  /** Functions of one argument. */
  public enum Function {
    /** {@code 1 / (1 + e^-x)}. */
    SIGMOID,
    /** Hyperbolic tangent. */
    TANH,
    /** {@code max(x, 0)}. */
    RELU,
    /** {@code alpha·x + beta}. */
    AFFINE,
    /** x where it is not negative, {@code alpha·x} else. */
    LEAKY_RELU,
    /** x where it is at least alpha, 0 else. */
    THRESHOLDED_RELU,
    /** {@code alpha·tanh(beta·x)}. */
    SCALED_TANH,
    /** {@code min(max(alpha·x + beta, 0), 1)}. */
    HARD_SIGMOID,
    /** x where it is not negative, {@code alpha·(e^x - 1)} else. */
    ELU,
    /** {@code x / (1 + |x|)}. */
    SOFTSIGN,
    /** {@code ln(1 + e^x)}. */
    SOFTPLUS
  }

  /** The function's value. */
  double of(double x) {
    return switch (function) {
      case SIGMOID -> 1 / (1 + StrictMath.exp(-x));
      case TANH -> StrictMath.tanh(x);
      case RELU -> Math.max(x, 0);
      case AFFINE -> alpha * x + beta;
      case LEAKY_RELU -> x >= 0 ? x : alpha * x;
      case THRESHOLDED_RELU -> x >= alpha ? x : 0;
      case SCALED_TANH -> alpha * StrictMath.tanh(beta * x);
      case HARD_SIGMOID -> Math.min(Math.max(alpha * x + beta, 0), 1);
      case ELU -> x >= 0 ? x : alpha * StrictMath.expm1(x);
      case SOFTSIGN -> x / (1 + Math.abs(x));
      case SOFTPLUS -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
    };
  }
}
