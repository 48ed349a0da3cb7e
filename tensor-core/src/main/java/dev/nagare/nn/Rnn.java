package dev.nagare.nn;

import dev.nagare.autograd.RnnSequence;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Recurrent.Activation;
import org.jspecify.annotations.Nullable;

/**
 * Plain recurrent layers, batch first; see {@link RnnSequence} for formula and gradient and {@link
 * Recurrent} for stacks, directions and lengths.
 *
 * <p>Shapes: x {@code [N, T, I] -> [N, T, D·H]}, states {@code [N, H]}. Parameters are PyTorch's
 * four of each layer and direction, the weights stored input-major as {@link Lstm}'s. Dtypes: F32,
 * F64. Source: {@code torch.nn.RNN}.
 */
public final class Rnn extends Recurrent {
  private final Activation function;

  /** Creates one layer with the hyperbolic tangent. */
  public Rnn(ParameterFactory factory, int inputSize, int hiddenSize) {
    this(factory, inputSize, hiddenSize, Activation.TANH, RecurrentOptions.PLAIN);
  }

  /** Creates layers that start as PyTorch's: all values uniform in ±1/√hiddenSize. */
  public Rnn(
      ParameterFactory factory,
      int inputSize,
      int hiddenSize,
      Activation function,
      RecurrentOptions options) {
    super("rnn", factory, inputSize, hiddenSize, 1, options);
    this.function = function;
  }

  @Override
  Run layer(Weights weights, Variable x, State from, @Nullable Tensor lengths) {
    var operands =
        new RnnSequence.Operands(
            x, weights.ih(), weights.hh(), weights.biasIh(), weights.biasHh(), from.hidden());
    Variable hidden = RnnSequence.apply(function, operands, lengths);
    return new Run(hidden, new State(last(hidden, from.hidden(), lengths), null));
  }

  @Override
  boolean hasCell() {
    return false;
  }
}
