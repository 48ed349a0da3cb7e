package dev.nagare.autograd;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Rnn;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels.Binary;
import dev.nagare.tensor.kernel.Recurrent.Activation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One plain recurrent layer over whole sequences as a single operator with a hand-written backward.
 *
 * <p>Formula: {@code h_t = f(x_t · weightIh + biasIh + h_{t-1} · weightHh + biasHh)}, f the
 * hyperbolic tangent or ReLU. Shapes: x {@code [N, T, I]}, weightIh {@code [I, H]}, weightHh {@code
 * [H, H]}, biases {@code [H]}, h0 {@code [N, H] -> [N, T, H]}; lengths {@code [N]} or null, past
 * which hidden states are zero. Dtypes: F32, F64. Gradient: to every operand. What x holds past a
 * row's end must be numbers; it counts for nothing. Source: Elman (1990); {@code torch.nn.RNN},
 * batch first, weights stored transposed.
 */
public final class RnnSequence extends Node {
  private final Activation function;
  private final @Nullable Tensor lengths;
  private final Tensor rows;
  private final Tensor gates;
  private final Tensor hidden;

  private RnnSequence(
      Activation function,
      Operands in,
      @Nullable Tensor lengths,
      Tensor rows,
      Tensor gates,
      Tensor hidden) {
    super("rnn", in.x, in.weightIh, in.weightHh, in.biasIh, in.biasHh, in.h0);
    this.function = function;
    this.lengths = lengths;
    this.rows = rows;
    this.gates = gates;
    this.hidden = hidden;
  }

  /** What the layer computes with; shapes as in {@link RnnSequence}. */
  public record Operands(
      Variable x,
      Variable weightIh,
      Variable weightHh,
      Variable biasIh,
      Variable biasHh,
      Variable h0) {}

  /** The hidden states of all steps; the lengths must not change until the backward has run. */
  public static Variable apply(Activation function, Operands in, @Nullable Tensor lengths) {
    Tape tape = Tape.of("rnn", in.x, in.weightIh);
    Tensor x = in.x.value();
    Tensor hh = in.weightHh.value();
    if (!GruSequence.fits(in.x, in.weightIh, hh, 1)) {
      throw TensorException.mismatch(
          "rnn: expected x [N, T, I], weightIh [I, H], weightHh [H, H], biases [H], h0 [N, H], got "
              + in);
    }
    Tensor bias = tape.scope().empty(x.dtype(), Shape.of(hh.dim(1)));
    tape.kernels().binary(Binary.ADD, in.biasIh.value(), in.biasHh.value(), bias);
    Shape sequence = Shape.of(x.dim(0), x.dim(1), hh.dim(0));
    Tensor gates = tape.scope().empty(x.dtype(), sequence);
    Tensor rows = Rows.flat("rnn", x.contiguous(tape.scope()));
    Rows.product(tape, rows, in.weightIh.value(), false, bias, Rows.flat("rnn", gates));
    Tensor hidden = tape.scope().empty(x.dtype(), sequence);
    Tensor h0 = in.h0.value().contiguous(tape.scope());
    tape.kernels().recurrent().rnnForward(function, gates, hh, h0, lengths, hidden);
    return tape.record(new RnnSequence(function, in, lengths, rows, gates, hidden), hidden);
  }

  @Override
  protected Value trace(Tracing into) {
    if (lengths != null) {
      throw untraceable();
    }
    var applied =
        new dev.nagare.graph.op.Activation(
            switch (function) {
              case TANH -> dev.nagare.graph.op.Activation.Function.TANH;
              case RELU -> dev.nagare.graph.op.Activation.Function.RELU;
            });
    Value x = into.value(input(0));
    var traced = new TracedRecurrence(into, x);
    return traced.hidden(
        new Rnn(TracedRecurrence.spec(hidden.dim(2), List.of(applied))),
        x,
        traced.parameter(input(1)),
        traced.parameter(input(2)),
        traced.sum(input(3), input(4)),
        null,
        traced.state(input(5)));
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Variable weightHh = input(2);
    Tensor h0 = input(5).value().contiguous(tape.scope());
    Tensor dh0 = tape.scope().empty(h0.dtype(), h0.shape());
    Tensor dWeightHh = gradientOrPlace(tape, weightHh);
    tape.kernels()
        .recurrent()
        .rnnBackward(
            function, gates, weightHh.value(), h0, lengths, hidden, gradient, dWeightHh, dh0);
    Tensor dGates = Rows.flat("rnn", gates);
    Rows.flow(tape, this, rows, dGates);
    for (int bias = 3; bias <= 4; bias++) {
      if (input(bias).requiresGradient()) {
        tape.kernels().addColumnSums(dGates, gradientOf(tape, input(bias)));
      }
    }
    if (input(5).requiresGradient()) {
      tape.kernels().axpy(1, dh0, gradientOf(tape, input(5)));
    }
  }
}
