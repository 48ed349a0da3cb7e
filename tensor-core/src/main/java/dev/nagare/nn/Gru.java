package dev.nagare.nn;

import dev.nagare.autograd.GruSequence;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Layers of gated recurrent units, batch first; see {@link GruSequence} for formula and gradient
 * and {@link Recurrent} for stacks, directions and lengths.
 *
 * <p>Shapes: x {@code [N, T, I] -> [N, T, D·H]}, states {@code [N, H]}. Parameters are PyTorch's
 * four of each layer and direction, in its gate order r, z, n, the weights stored input-major as
 * {@link Lstm}'s. Dtypes: F32, F64. Source: {@code torch.nn.GRU}.
 */
public final class Gru extends Recurrent {

  /** Creates one layer that starts as PyTorch's: all values uniform in ±1/√hiddenSize. */
  public Gru(ParameterFactory factory, int inputSize, int hiddenSize) {
    this(factory, inputSize, hiddenSize, RecurrentOptions.PLAIN);
  }

  /** Creates layers that start as PyTorch's. */
  public Gru(ParameterFactory factory, int inputSize, int hiddenSize, RecurrentOptions options) {
    super("gru", factory, inputSize, hiddenSize, 3, options);
  }

  @Override
  Run layer(Weights weights, Variable x, State from, @Nullable Tensor lengths) {
    var operands =
        new GruSequence.Operands(
            x, weights.ih(), weights.hh(), weights.biasIh(), weights.biasHh(), from.hidden());
    Variable hidden = GruSequence.apply(operands, lengths);
    return new Run(hidden, new State(last(hidden, from.hidden(), lengths), null));
  }

  @Override
  boolean hasCell() {
    return false;
  }
}
