package dev.nagare.nn;

import dev.nagare.autograd.LstmSequence;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/**
 * LSTM layers, batch first; see {@link LstmSequence} for formula and gradient and {@link Recurrent}
 * for stacks, directions and lengths.
 *
 * <p>Shapes: x {@code [N, T, I] -> [N, T, D·H]}, states {@code [N, H]}. A sequence that is cut
 * anywhere, with the states carried over, gives the same bits as uncut.
 *
 * <p>Parameters are PyTorch's four of each layer and direction, in its gate order i, f, g, o, but
 * the weights are stored input-major: {@code weight_ih_l0} is {@code [I, 4H]} and {@code
 * weight_hh_l0} {@code [H, 4H]}, the transposed of PyTorch's {@code [4H, I]} and {@code [4H, H]};
 * {@link #copyFromTorch} converts. Dtypes: F32, F64. Source: {@code torch.nn.LSTM} without
 * projection.
 */
public final class Lstm extends Recurrent {

  /** Creates one layer that starts as PyTorch's: all values uniform in ±1/√hiddenSize. */
  public Lstm(ParameterFactory factory, int inputSize, int hiddenSize) {
    this(factory, inputSize, hiddenSize, RecurrentOptions.PLAIN);
  }

  /** Creates layers that start as PyTorch's. */
  public Lstm(ParameterFactory factory, int inputSize, int hiddenSize, RecurrentOptions options) {
    super("lstm", factory, inputSize, hiddenSize, 4, options);
  }

  /** Applies a single layer from a zero state. */
  public LstmSequence.Result forward(Variable x) {
    if (x.shape().rank() != 3) {
      throw TensorException.mismatch("lstm: expected x [N, T, I], got " + x);
    }
    // One tensor serves as both: the kernels only read them.
    Variable state = zero(x);
    return forward(x, state, state);
  }

  /**
   * Applies a single layer from a carried state; detach it to truncate the back-propagation there.
   */
  public LstmSequence.Result forward(Variable x, Variable hidden, Variable cell) {
    return LstmSequence.apply(operands(only(), x, hidden, cell));
  }

  private static LstmSequence.Operands operands(
      Weights weights, Variable x, Variable hidden, Variable cell) {
    return new LstmSequence.Operands(
        x, weights.ih(), weights.hh(), weights.biasIh(), weights.biasHh(), hidden, cell);
  }

  @Override
  Run layer(Weights weights, Variable x, State from, @Nullable Tensor lengths) {
    Variable cell = from.cell();
    if (cell == null) {
      throw TensorException.mismatch("lstm: expected a state with a cell, got " + from);
    }
    var result = LstmSequence.apply(operands(weights, x, from.hidden(), cell), lengths);
    return new Run(result.hidden(), new State(result.lastHidden(), result.lastCell()));
  }

  @Override
  boolean hasCell() {
    return true;
  }
}
