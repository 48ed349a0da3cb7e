package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Gru;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One layer of gated recurrent units over whole sequences as a single operator with a hand-written
 * backward.
 *
 * <p>Formula: see {@link dev.nagare.tensor.kernel.Recurrent#gruForward}. Shapes: x {@code [N, T,
 * I]}, weightIh {@code [I, 3H]}, weightHh {@code [H, 3H]}, biases {@code [3H]}, h0 {@code [N, H] ->
 * [N, T, H]}; lengths {@code [N]} or null, past which hidden states are zero. Gates in the order r,
 * z, n. Dtypes: F32, F64. Gradient: to every operand. What x holds past a row's end must be
 * numbers; it counts for nothing. Source: Cho et al. (2014) with the reset behind the product;
 * {@code torch.nn.GRU}, batch first, weights stored transposed.
 */
public final class GruSequence extends Node {
  private final @Nullable Tensor lengths;
  private final Tensor rows;
  private final Tensor gates;
  private final Tensor inner;
  private final Tensor hidden;

  private GruSequence(
      Operands in,
      @Nullable Tensor lengths,
      Tensor rows,
      Tensor gates,
      Tensor inner,
      Tensor hidden) {
    super("gru", in.x, in.weightIh, in.weightHh, in.biasIh, in.biasHh, in.h0);
    this.lengths = lengths;
    this.rows = rows;
    this.gates = gates;
    this.inner = inner;
    this.hidden = hidden;
  }

  /** What the layer computes with; shapes as in {@link GruSequence}. */
  public record Operands(
      Variable x,
      Variable weightIh,
      Variable weightHh,
      Variable biasIh,
      Variable biasHh,
      Variable h0) {}

  /** The hidden states of all steps; the lengths must not change until the backward has run. */
  public static Variable apply(Operands in, @Nullable Tensor lengths) {
    Tape tape = Tape.of("gru", in.x, in.weightIh);
    Tensor x = in.x.value();
    Tensor hh = in.weightHh.value();
    if (!fits(in.x, in.weightIh, hh, 3) || in.biasIh.value().elements() != hh.dim(1)) {
      throw TensorException.mismatch(
          "gru: expected x [N, T, I], weightIh [I, 3H], weightHh [H, 3H], biases [3H], h0 [N, H],"
              + " got "
              + in);
    }
    Shape width = Shape.of(x.dim(0), x.dim(1), hh.dim(1));
    Tensor gates = tape.scope().empty(x.dtype(), width);
    Tensor inner = tape.scope().empty(x.dtype(), width);
    Tensor rows = Rows.flat("gru", x.contiguous(tape.scope()));
    Tensor flat = Rows.flat("gru", gates);
    Rows.product(tape, rows, in.weightIh.value(), false, in.biasIh.value(), flat);
    Tensor hidden = tape.scope().empty(x.dtype(), Shape.of(x.dim(0), x.dim(1), hh.dim(0)));
    Tensor h0 = in.h0.value().contiguous(tape.scope());
    tape.kernels().recurrent().gruForward(gates, inner, hh, in.biasHh.value(), h0, lengths, hidden);
    return tape.record(new GruSequence(in, lengths, rows, gates, inner, hidden), hidden);
  }

  /** Whether x, weightIh and weightHh go together. */
  static boolean fits(Variable x, Variable weightIh, Tensor hh, int parts) {
    return x.shape().rank() == 3
        && hh.shape().rank() == 2
        && hh.dim(1) == parts * hh.dim(0)
        && weightIh.shape().rank() == 2
        && weightIh.value().dim(0) == x.value().dim(2)
        && weightIh.value().dim(1) == hh.dim(1);
  }

  @Override
  protected Value trace(Tracing into) {
    if (lengths != null) {
      throw untraceable();
    }
    Value x = into.value(input(0));
    var traced = new TracedRecurrence(into, x);
    return traced.hidden(
        new Gru(TracedRecurrence.spec(hidden.dim(2), List.of()), true),
        x,
        traced.parameter(input(1)),
        traced.parameter(input(2)),
        traced.both(input(3), input(4)),
        null,
        traced.state(input(5)));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Variable weightHh = input(2);
    Tensor h0 = input(5).value().contiguous(tape.scope());
    Tensor dh0 = tape.scope().empty(h0.dtype(), h0.shape());
    tape.kernels()
        .recurrent()
        .gruBackward(
            gates,
            inner,
            weightHh.value(),
            h0,
            lengths,
            hidden,
            gradient,
            gradientOrPlace(tape, weightHh),
            dh0);
    Rows.flow(tape, this, rows, Rows.flat("gru", gates));
    Variable biasIh = input(3);
    if (biasIh.requiresGradient()) {
      tape.kernels().addColumnSums(Rows.flat("gru", gates), gradientOf(tape, biasIh));
    }
    Variable biasHh = input(4);
    if (biasHh.requiresGradient()) {
      tape.kernels().addColumnSums(Rows.flat("gru", inner), gradientOf(tape, biasHh));
    }
    if (input(5).requiresGradient()) {
      tape.kernels().axpy(1, dh0, gradientOf(tape, input(5)));
    }
  }
}
