package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.TensorException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Sizes and habits of Transformer layers.
 *
 * @param features E, a multiple of the heads ({@code d_model})
 * @param heads of the attention ({@code nhead})
 * @param feedForward width between the two linear layers ({@code dim_feedforward})
 * @param dropout fraction left out in training, from 0 up to but not including 1
 * @param activation between the two linear layers, such as {@code Variable::gelu}
 * @param normFirst whether a part's input is normalised (pre-norm) or the sum after it (post-norm)
 * @param epsilon of the normalisations ({@code layer_norm_eps})
 */
public record TransformerOptions(
    int features,
    int heads,
    int feedForward,
    double dropout,
    UnaryOperator<Variable> activation,
    boolean normFirst,
    double epsilon) {

  public TransformerOptions {
    if (feedForward < 1 || !(dropout >= 0 && dropout < 1)) {
      throw TensorException.mismatch(
          "transformer: expected a feed-forward width of 1 or more and dropout in [0, 1), got "
              + feedForward
              + " and "
              + dropout);
    }
  }

  /** Post-norm with ReLU and without dropout. */
  public TransformerOptions(int features, int heads, int feedForward) {
    this(features, heads, feedForward, 0, Variable::relu, false, 1e-5);
  }

  /** The same, pre-norm or post-norm. */
  public TransformerOptions withNormFirst(boolean first) {
    return new TransformerOptions(
        features, heads, feedForward, dropout, activation, first, epsilon);
  }

  /** The same with another activation. */
  public TransformerOptions withActivation(UnaryOperator<Variable> function) {
    return new TransformerOptions(
        features, heads, feedForward, dropout, function, normFirst, epsilon);
  }

  /** The same with dropout. */
  public TransformerOptions withDropout(double fraction) {
    return new TransformerOptions(
        features, heads, feedForward, fraction, activation, normFirst, epsilon);
  }

  /** Leaves some elements out, in training. */
  Variable drop(Variable x, @Nullable Streams streams) {
    return dropout > 0 && streams != null ? x.dropout(dropout, streams.next()) : x;
  }
}
