package dev.nagare.nn;

import dev.nagare.autograd.LastOfEach;
import dev.nagare.autograd.Steps;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recurrent layers upon each other, in one direction or both: what {@link Lstm}, {@link Gru} and
 * {@link Rnn} share.
 *
 * <p>Shapes: x {@code [N, T, I] -> [N, T, D·H]} for D directions; lengths {@code [N]} of 0 to T. A
 * row is read as far as it goes: past its end the result is zero, its last state is that at its own
 * end, and the reverse direction begins there; what x holds past it does not matter. A row's bits
 * depend neither on the other rows nor on T, and a sequence in one direction that is cut anywhere,
 * with the states carried over, gives the same bits as uncut.
 *
 * <p>Parameters are named as in PyTorch ({@code weight_ih_l1_reverse}), but weights are stored
 * input-major, {@code [I, G·H]} and {@code [H, G·H]} for G gates; {@link #copyFromTorch} converts.
 */
public abstract class Recurrent extends Module {
  private final String op;
  private final int hiddenSize;
  private final int gates;
  private final RecurrentOptions options;
  private final List<Weights> weights = new ArrayList<>();

  /** Parameters of one layer in one direction. */
  record Weights(Parameter ih, Parameter hh, Parameter biasIh, Parameter biasHh) {}

  /** What one layer did in one direction. */
  record Run(Variable hidden, State last) {}

  /**
   * The state of one layer in one direction.
   *
   * @param hidden {@code [N, H]}
   * @param cell {@code [N, H]}, of an {@link Lstm}; null for others
   */
  public record State(Variable hidden, @Nullable Variable cell) {
    /** The same as constants, to be carried on without back-propagation through them. */
    public State detach() {
      return new State(hidden.detach(), cell == null ? null : cell.detach());
    }
  }

  /**
   * What the layers computed.
   *
   * @param hidden states of the last layer at all steps, {@code [N, T, D·H]}
   * @param states after each row's own last step: for each layer the forward direction's, then the
   *     reverse one's
   */
  public record Output(Variable hidden, List<State> states) {
    public Output {
      states = List.copyOf(states);
    }

    /** The states as constants, to be carried on. */
    public List<State> detachedStates() {
      return states.stream().map(State::detach).toList();
    }
  }

  /** Creates layers that start as PyTorch's: all values uniform in ±1/√hiddenSize. */
  Recurrent(
      String op,
      ParameterFactory factory,
      int inputSize,
      int hiddenSize,
      int gates,
      RecurrentOptions options) {
    this.op = op;
    this.hiddenSize = hiddenSize;
    this.gates = gates;
    this.options = options;
    Initializer uniform = new Uniform(1 / Math.sqrt(hiddenSize));
    int width = gates * hiddenSize;
    for (int layer = 0; layer < options.layers(); layer++) {
      int in = layer == 0 ? inputSize : directions() * hiddenSize;
      for (int direction = 0; direction < directions(); direction++) {
        String suffix = "_l" + layer + (direction == 0 ? "" : "_reverse");
        weights.add(
            new Weights(
                register(factory.create("weight_ih" + suffix, uniform, in, width)),
                register(factory.create("weight_hh" + suffix, uniform, hiddenSize, width)),
                register(factory.create("bias_ih" + suffix, uniform, width)),
                register(factory.create("bias_hh" + suffix, uniform, width))));
      }
    }
  }

  /** Number of units of each layer in each direction. */
  public final int hiddenSize() {
    return hiddenSize;
  }

  private int directions() {
    return options.bidirectional() ? 2 : 1;
  }

  /** The parameters of the only layer, in its only direction. */
  final Weights only() {
    if (weights.size() != 1) {
      throw TensorException.mismatch(
          op + ": this has more than one layer or direction; apply it with run");
    }
    return weights.getFirst();
  }

  /** One layer in one direction, from a state. */
  abstract Run layer(Weights weights, Variable x, State from, @Nullable Tensor lengths);

  /** Whether a state has a cell. */
  abstract boolean hasCell();

  /** Applies the layers from a zero state. */
  public final Output run(Variable x) {
    return run(x, null, null, null);
  }

  /** Applies the layers from a zero state to rows of these lengths. */
  public final Output run(Variable x, Tensor lengths) {
    return run(x, lengths, null, null);
  }

  /**
   * Applies the layers.
   *
   * @param lengths of the rows, which must not change until the backward has run; null for T each
   * @param from states in the order of {@link Output#states}; null for zero
   * @param streams for dropout, in training; null without
   */
  public final Output run(
      Variable x, @Nullable Tensor lengths, @Nullable List<State> from, @Nullable Streams streams) {
    if (x.shape().rank() != 3 || x.value().dim(1) < 1) {
      throw TensorException.mismatch(op + ": expected x [N, T, I] with T >= 1, got " + x);
    }
    if (from != null && from.size() != weights.size()) {
      throw TensorException.mismatch(
          op
              + ": expected a state for each of "
              + weights.size()
              + " layers and directions, got "
              + from.size());
    }
    List<State> states = new ArrayList<>();
    // What lies past a row's end could be no number, and 0 times that is none either.
    Variable below = lengths == null ? x : Steps.apply(x, lengths, false);
    for (int i = 0; i < weights.size(); i += directions()) {
      if (i > 0 && options.dropout() > 0 && streams != null) {
        below = below.dropout(options.dropout(), streams.next());
      }
      Run forward = layer(weights.get(i), below, state(x, from, i), lengths);
      states.add(forward.last);
      if (options.bidirectional()) {
        Variable turned = Steps.apply(below, lengths, true);
        Run reverse = layer(weights.get(i + 1), turned, state(x, from, i + 1), lengths);
        states.add(reverse.last);
        below = Variable.concat(-1, forward.hidden, Steps.apply(reverse.hidden, lengths, true));
      } else {
        below = forward.hidden;
      }
    }
    return new Output(below, states);
  }

  private State state(Variable x, @Nullable List<State> from, int index) {
    if (from != null) {
      return from.get(index);
    }
    Variable zero = zero(x);
    return new State(zero, hasCell() ? zero : null); // one tensor as both: they are only read
  }

  final Variable zero(Variable x) {
    Tape tape = Tape.of(op, x);
    Shape shape = Shape.of(x.value().dim(0), hiddenSize);
    return tape.constant(tape.scope().zeros(x.value().dtype(), shape));
  }

  /** The hidden state after each row's last step. */
  static Variable last(Variable hidden, Variable first, @Nullable Tensor lengths) {
    return lengths == null ? hidden.lastStep() : LastOfEach.apply(hidden, first, lengths);
  }

  /** Sets the first layer's weights from PyTorch's row-major {@code [G·H, I]}, {@code [G·H, H]}. */
  public final void copyFromTorch(float[] torchWeightIh, float[] torchWeightHh) {
    copyFromTorch(0, false, torchWeightIh, torchWeightHh);
  }

  /** Sets a layer's weights from PyTorch's row-major {@code [G·H, in]} and {@code [G·H, H]}. */
  public final void copyFromTorch(
      int layer, boolean reverse, float[] torchWeightIh, float[] torchWeightHh) {
    if (layer < 0 || layer >= options.layers() || (reverse && !options.bidirectional())) {
      throw TensorException.mismatch(
          op + ": no layer " + layer + (reverse ? " in reverse" : "") + " in " + options);
    }
    Weights to = weights.get(layer * directions() + (reverse ? 1 : 0));
    transpose(torchWeightIh, to.ih.value());
    transpose(torchWeightHh, to.hh.value());
  }

  private void transpose(float[] from, Tensor to) {
    int rows = gates * hiddenSize;
    int columns = Math.toIntExact(to.dim(0));
    if (from.length != rows * columns) {
      throw TensorException.mismatch(
          op + ": expected " + rows + " x " + columns + " weights, got " + from.length);
    }
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        to.set((long) column * rows + row, from[row * columns + column]);
      }
    }
  }
}
