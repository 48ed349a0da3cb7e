package dev.nagare.nn;

import dev.nagare.autograd.LstmSequence;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * One LSTM layer, batch first; see {@link LstmSequence} for formula and gradient.
 *
 * <p>Shapes: x {@code [N, T, I] -> [N, T, H]}, states {@code [N, H]}. A sequence that is cut
 * anywhere, with the states carried over, gives the same bits as uncut.
 *
 * <p>Parameters are PyTorch's four, in its gate order i, f, g, o, but the weights are stored
 * input-major: {@code weight_ih_l0} is {@code [I, 4H]} and {@code weight_hh_l0} {@code [H, 4H]},
 * the transposed of PyTorch's {@code [4H, I]} and {@code [4H, H]}; {@link #copyFromTorch} converts.
 * Dtypes: all. Source: {@code torch.nn.LSTM} with one layer, one direction, no projection.
 */
public final class Lstm extends Module {
  private final int inputSize;
  private final int hiddenSize;
  private final Parameter weightIh;
  private final Parameter weightHh;
  private final Parameter biasIh;
  private final Parameter biasHh;

  /** Creates a layer that starts as PyTorch's: all values uniform in ±1/√hiddenSize. */
  public Lstm(ParameterFactory factory, int inputSize, int hiddenSize) {
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    Initializer uniform = new Uniform(1 / Math.sqrt(hiddenSize));
    int gates = 4 * hiddenSize;
    weightIh = register(factory.create("weight_ih_l0", uniform, inputSize, gates));
    weightHh = register(factory.create("weight_hh_l0", uniform, hiddenSize, gates));
    biasIh = register(factory.create("bias_ih_l0", uniform, gates));
    biasHh = register(factory.create("bias_hh_l0", uniform, gates));
  }

  /** Number of units. */
  public int hiddenSize() {
    return hiddenSize;
  }

  /** Applies the layer from a zero state. */
  public LstmSequence.Result forward(Variable x) {
    Tape tape = Tape.of("lstm", x);
    if (x.shape().rank() != 3) {
      throw TensorException.mismatch("lstm: expected x [N, T, I], got " + x);
    }
    // One tensor serves as both: the kernels only read them.
    Tensor zero = tape.scope().zeros(x.value().dtype(), Shape.of(x.value().dim(0), hiddenSize));
    Variable state = tape.constant(zero);
    return forward(x, state, state);
  }

  /** Applies the layer from a carried state; detach it to truncate the back-propagation there. */
  public LstmSequence.Result forward(Variable x, Variable hidden, Variable cell) {
    return LstmSequence.apply(
        new LstmSequence.Operands(x, weightIh, weightHh, biasIh, biasHh, hidden, cell));
  }

  /** Sets the weights from PyTorch's row-major {@code [4H, I]} and {@code [4H, H]}. */
  public void copyFromTorch(float[] torchWeightIh, float[] torchWeightHh) {
    transpose(torchWeightIh, inputSize, weightIh.value());
    transpose(torchWeightHh, hiddenSize, weightHh.value());
  }

  private void transpose(float[] from, int columns, Tensor to) {
    int gates = 4 * hiddenSize;
    if (from.length != gates * columns) {
      throw TensorException.mismatch(
          "lstm: expected " + gates + " x " + columns + " weights, got " + from.length);
    }
    for (int row = 0; row < gates; row++) {
      for (int column = 0; column < columns; column++) {
        to.set((long) column * gates + row, from[row * columns + column]);
      }
    }
  }
}
