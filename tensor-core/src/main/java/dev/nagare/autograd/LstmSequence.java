package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Reshape;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels.Binary;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One LSTM layer over whole sequences as a single operator with a hand-written backward: a loop of
 * small nodes would cost more in bookkeeping than in arithmetic.
 *
 * <p>Formula: see {@link dev.nagare.tensor.kernel.Kernels#lstmForward}; the input's part of all
 * steps is one matrix product.
 *
 * <p>Shapes: x {@code [N, T, I]}, weightIh {@code [I, 4H]}, weightHh {@code [H, 4H]}, biases {@code
 * [4H]}, h0 and c0 {@code [N, H]} {@code -> [N, T, H]}, T at least 1; lengths {@code [N]} of 0 to
 * T, past which hidden states are zero and x, which must hold numbers, counts for nothing. Gates in
 * the order i, f, g, o. Dtypes: all. Gradient: to every operand, by back-propagation through the T
 * steps. Source: Hochreiter and Schmidhuber (1997) with forget gates; {@code torch.nn.LSTM}, batch
 * first, with its two biases, weights stored transposed.
 */
public final class LstmSequence extends Node {
  private final Tensor rows;
  private final Tensor gates;
  private final Tensor flatGates;
  private final Tensor hidden;
  private final Tensor cells;
  private final @Nullable Tensor lengths;
  private @Nullable Tensor lastCellGradient;

  private LstmSequence(
      Operands in,
      @Nullable Tensor lengths,
      Tensor rows,
      Tensor flatGates,
      Tensor gates,
      Tensor hidden,
      Tensor cells) {
    super("lstm", in.x, in.weightIh, in.weightHh, in.biasIh, in.biasHh, in.h0, in.c0);
    this.lengths = lengths;
    this.rows = rows;
    this.flatGates = flatGates;
    this.gates = gates;
    this.hidden = hidden;
    this.cells = cells;
  }

  /** What the layer computes with; shapes as in {@link LstmSequence}. */
  public record Operands(
      Variable x,
      Variable weightIh,
      Variable weightHh,
      Variable biasIh,
      Variable biasHh,
      Variable h0,
      Variable c0) {}

  /** What the layer computed. States are made when they are asked for. */
  public static final class Result {
    private final Tape tape;
    private final LstmSequence node;
    private final Variable hidden;

    private Result(Tape tape, LstmSequence node, Variable hidden) {
      this.tape = tape;
      this.node = node;
      this.hidden = hidden;
    }

    /** Hidden states of all steps, {@code [N, T, H]}. */
    public Variable hidden() {
      return hidden;
    }

    /** Hidden state after each row's last step, {@code [N, H]}; detach it to carry it on. */
    public Variable lastHidden() {
      Tensor lengths = node.lengths;
      return lengths == null ? hidden.lastStep() : LastOfEach.apply(hidden, node.input(5), lengths);
    }

    /** Cell state after each row's last step, {@code [N, H]}; detach it to carry it on. */
    public Variable lastCell() {
      Tensor lengths = node.lengths;
      Tensor last =
          lengths == null
              ? LastStep.copy(tape, node.cells)
              : LastOfEach.copy(tape, node.cells, node.input(6).value(), lengths);
      return tape.record(new LastCell(hidden, node), last);
    }
  }

  /** Runs the layer over all steps. */
  public static Result apply(Operands in) {
    return apply(in, null);
  }

  /** Runs the layer over each row's steps; lengths must not change until the backward has run. */
  public static Result apply(Operands in, @Nullable Tensor lengths) {
    Tape tape = Tape.of("lstm", in.x, in.weightIh);
    Tensor x = in.x.value();
    check(in);
    long n = x.dim(0);
    long steps = x.dim(1);
    long fourH = in.weightHh.value().dim(1);

    Tensor bias = tape.scope().empty(x.dtype(), in.biasIh.shape());
    tape.kernels().binary(Binary.ADD, in.biasIh.value(), in.biasHh.value(), bias);
    Tensor gates = tape.scope().empty(x.dtype(), Shape.of(n, steps, fourH));
    Tensor flatGates = Rows.flat("lstm", gates);
    Tensor rows = Rows.flat("lstm", x.contiguous(tape.scope()));
    Rows.product(tape, rows, in.weightIh.value(), false, bias, flatGates);

    Shape sequence = Shape.of(n, steps, fourH / 4);
    Tensor hidden = tape.scope().empty(x.dtype(), sequence);
    Tensor cells = tape.scope().empty(x.dtype(), sequence);
    Tensor h0 = in.h0.value().contiguous(tape.scope());
    Tensor c0 = in.c0.value().contiguous(tape.scope());
    tape.kernels()
        .recurrent()
        .lstmForward(gates, in.weightHh.value(), h0, c0, lengths, hidden, cells);
    var node = new LstmSequence(in, lengths, rows, flatGates, gates, hidden, cells);
    return new Result(tape, node, tape.record(node, hidden));
  }

  private static void check(Operands in) {
    Tensor x = in.x.value();
    Tensor hh = in.weightHh.value();
    boolean fits = x.shape().rank() == 3 && x.dim(1) >= 1 && hh.shape().rank() == 2;
    if (fits) {
      long h = hh.dim(0);
      fits =
          is(in.weightIh, x.dim(2), 4 * h)
              && is(in.weightHh, h, 4 * h)
              && is(in.h0, x.dim(0), h)
              && is(in.c0, x.dim(0), h)
              && in.biasIh.value().elements() == 4 * h
              && in.biasHh.value().elements() == 4 * h;
    }
    if (!fits) {
      throw TensorException.mismatch(
          "lstm: expected x [N, T, I], weightIh [I, 4H], weightHh [H, 4H], biases [4H], states"
              + " [N, H], got "
              + in);
    }
  }

  private static boolean is(Variable v, long rows, long columns) {
    return v.shape().rank() == 2 && v.value().dim(0) == rows && v.value().dim(1) == columns;
  }

  @Override
  protected Value trace(Tracing into) {
    if (lengths != null) {
      throw untraceable();
    }
    Value x = into.value(input(0));
    var traced = new TracedRecurrence(into, x);
    return traced.hidden(
        new dev.nagare.graph.op.Lstm(TracedRecurrence.spec(hidden.dim(2), List.of()), false),
        x,
        traced.parameter(input(1)),
        traced.parameter(input(2)),
        traced.sum(input(3), input(4)),
        null,
        traced.state(input(5)),
        traced.state(input(6)));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Variable weightHh = input(2);
    Tensor h0 = input(5).value().contiguous(tape.scope());
    Tensor c0 = input(6).value().contiguous(tape.scope());
    Tensor dh0 = tape.scope().zeros(h0.dtype(), h0.shape());
    Tensor dc0 = lastCellGradient;
    if (dc0 == null) {
      dc0 = tape.scope().zeros(c0.dtype(), c0.shape());
    }
    Tensor dWeightHh = gradientOrPlace(tape, weightHh);
    tape.kernels()
        .recurrent()
        .lstmBackward(
            gates, weightHh.value(), h0, c0, lengths, hidden, cells, gradient, dWeightHh, dh0, dc0);

    Tensor dGates = flatGates; // the kernel left the pre-activations' gradient here
    Rows.flow(tape, this, rows, dGates);
    for (int bias = 3; bias <= 4; bias++) {
      if (input(bias).requiresGradient()) {
        tape.kernels().addColumnSums(dGates, gradientOf(tape, input(bias)));
      }
    }
    flow(tape, input(5), dh0);
    flow(tape, input(6), dc0);
  }

  private static void flow(Tape tape, Variable state, Tensor gradient) {
    if (state.requiresGradient()) {
      tape.kernels().axpy(1, gradient, gradientOf(tape, state));
    }
  }

  /** The last cell state: hands its gradient to the sequence, which runs after it. */
  private static final class LastCell extends Node {
    private final LstmSequence sequence;

    LastCell(Variable hidden, LstmSequence sequence) {
      super("lastCell", hidden);
      this.sequence = sequence;
    }

    /** The graph's layer makes it beside the hidden states, which are reshaped. */
    @Override
    protected Value trace(Tracing into) {
      if (sequence.lengths != null) {
        throw untraceable();
      }
      dev.nagare.graph.Node reshape = Objects.requireNonNull(into.value(input(0)).producer());
      dev.nagare.graph.Node layer = Objects.requireNonNull(reshape.input(0).producer());
      return into.add(new Reshape(into.shape()), layer.outputs().get(2));
    }

    @Override
    protected void backward(Tape tape, Tensor gradient) {
      gradientOf(tape, input(0)); // zeros, so that the sequence's backward runs
      if (sequence.lastCellGradient == null) {
        sequence.lastCellGradient = tape.scope().zeros(gradient.dtype(), gradient.shape());
      }
      tape.kernels().axpy(1, gradient, sequence.lastCellGradient);
    }
  }
}
