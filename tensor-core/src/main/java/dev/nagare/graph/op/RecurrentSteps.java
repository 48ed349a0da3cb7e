package dev.nagare.graph.op;

import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Recurrent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How recurrent layers run: what is common to them brings sequences into the order {@code [N, T,
 * ..]} of the kernels, takes the input's part of all steps in one product, and brings hidden states
 * into the order of the results. Where an order is there already, nothing is copied.
 */
final class RecurrentSteps {
  private final Kernels kernels;
  private final RecurrentSpec spec;
  private final List<@Nullable Tensor> inputs;
  private final List<Tensor> outputs;
  private final Memory scratch;
  private final List<Step> steps = new ArrayList<>();
  private final Tensor x; // [N, T, I]
  private final @Nullable Tensor lengths;
  private final long n;
  private final long time;
  private final long hidden;

  RecurrentSteps(
      Kernels kernels,
      RecurrentSpec spec,
      List<@Nullable Tensor> inputs,
      List<Tensor> outputs,
      Memory scratch) {
    this.kernels = kernels;
    this.spec = spec;
    this.inputs = inputs;
    this.outputs = outputs;
    this.scratch = scratch;
    this.lengths = Steps.optional(inputs, 4);
    this.hidden = spec.hidden();
    Tensor given = Steps.input(inputs, 0);
    this.x = Steps.contiguous(spec.batchFirst() ? given : given.transpose(0, 1), scratch, steps);
    this.n = x.dim(0);
    this.time = x.dim(1);
  }

  Step lstm(boolean inputForget) {
    Tensor peepholes = Steps.optional(inputs, 7);
    boolean usual = spec.isUsual(Activation.LSTM) && peepholes == null && !inputForget;
    for (int d = 0; d < spec.directions(); d++) {
      Tensor gates = gates(d, weights(1, d), optionalWeights(3, d));
      Tensor r = weights(2, d);
      Tensor h0 = state(5, d);
      Tensor c0 = state(6, d);
      Tensor h = hiddenStates(d);
      Tensor c = scratch.empty(x.dtype(), Shape.of(n, time, hidden));
      if (usual) {
        Recurrent recurrent = kernels.recurrent();
        steps.add(() -> recurrent.lstmForward(gates, r, h0, c0, lengths, h, c));
      } else {
        Tensor p = peepholes == null ? null : peepholes.select(0, d);
        var cells = new RecurrentCells(kernels, spec, d, lengths, scratch);
        steps.add(cells.lstm(gates, r, h0, c0, p, inputForget, h, c));
      }
      finish(d, h);
      last(d, h, h0, 1);
      last(d, c, c0, 2);
    }
    return Steps.sequence(steps);
  }

  Step gru(boolean linearBeforeReset) {
    boolean usual = spec.isUsual(Activation.GRU) && linearBeforeReset;
    for (int d = 0; d < spec.directions(); d++) {
      Tensor b = optionalWeights(3, d);
      Tensor gates = gates(d, weights(1, d), b == null ? null : b.narrow(0, 3 * hidden));
      Tensor r = weights(2, d);
      Tensor biasHh = b == null ? zeros(3 * hidden) : b.narrow(3 * hidden, 3 * hidden);
      Tensor h0 = state(5, d);
      Tensor h = hiddenStates(d);
      if (usual) {
        Tensor inner = scratch.empty(x.dtype(), gates.shape());
        Recurrent recurrent = kernels.recurrent();
        steps.add(() -> recurrent.gruForward(gates, inner, r, biasHh, h0, lengths, h));
      } else {
        var cells = new RecurrentCells(kernels, spec, d, lengths, scratch);
        steps.add(cells.gru(gates, r, biasHh, h0, linearBeforeReset, h));
      }
      finish(d, h);
      last(d, h, h0, 1);
    }
    return Steps.sequence(steps);
  }

  Step rnn() {
    Recurrent.Activation usual = spec.isUsual(Activation.RNN) ? Recurrent.Activation.TANH : null;
    if (usual == null && spec.isUsual(List.of(new Activation(Activation.Function.RELU)))) {
      usual = Recurrent.Activation.RELU;
    }
    Recurrent.Activation f = usual;
    for (int d = 0; d < spec.directions(); d++) {
      Tensor gates = gates(d, weights(1, d), optionalWeights(3, d));
      Tensor r = weights(2, d);
      Tensor h0 = state(5, d);
      Tensor h = hiddenStates(d);
      if (f != null) {
        Recurrent recurrent = kernels.recurrent();
        steps.add(() -> recurrent.rnnForward(f, gates, r, h0, lengths, h));
      } else {
        var cells = new RecurrentCells(kernels, spec, d, lengths, scratch);
        steps.add(cells.rnn(gates, r, h0, h));
      }
      finish(d, h);
      last(d, h, h0, 1);
    }
    return Steps.sequence(steps);
  }

  /** Those of a direction, which are contiguous as part of the first axis. */
  private @Nullable Tensor optionalWeights(int input, int d) {
    Tensor all = Steps.optional(inputs, input);
    return all == null ? null : all.select(0, d);
  }

  private Tensor weights(int input, int d) {
    return Steps.input(inputs, input).select(0, d);
  }

  private Tensor zeros(long size) {
    Tensor zeros = scratch.empty(x.dtype(), Shape.of(size));
    steps.add(zeros::zero);
    return zeros;
  }

  /** The input's part of all steps, in the order in which they are read. */
  private Tensor gates(int d, Tensor w, @Nullable Tensor bias) {
    Tensor read = x;
    if (spec.reverses(d)) {
      Tensor reversed = scratch.empty(x.dtype(), x.shape());
      Recurrent recurrent = kernels.recurrent();
      steps.add(() -> recurrent.arrange(x, lengths, true, reversed, false));
      read = reversed;
    }
    Tensor gates = scratch.empty(x.dtype(), Shape.of(n, time, w.dim(1)));
    Tensor rows = read.reshape(n * time, x.dim(2));
    Tensor flat = gates.reshape(n * time, w.dim(1));
    steps.add(() -> kernels.matmul(rows, false, w, false, bias, flat, false));
    return gates;
  }

  /** A direction's part of a state: {@code [N, H]}, zeros if there is none. */
  private Tensor state(int input, int d) {
    Tensor given = Steps.optional(inputs, input);
    if (given == null) {
      return zeros(n * hidden).reshape(n, hidden);
    }
    return Steps.contiguous(ofDirection(given, d), scratch, steps);
  }

  private Tensor ofDirection(Tensor state, int d) {
    return state.select(spec.batchFirst() ? 1 : 0, d);
  }

  /** A direction's part of y, {@code [N, T, H]}. */
  private Tensor ofResult(int d) {
    Tensor y = outputs.getFirst();
    return spec.batchFirst() ? y.select(2, d) : y.select(1, d).transpose(0, 1);
  }

  /** Where hidden states go: y itself if it lies as the kernels want it. */
  private Tensor hiddenStates(int d) {
    Tensor result = ofResult(d);
    return result.isContiguous() && !spec.reverses(d)
        ? result
        : scratch.empty(x.dtype(), Shape.of(n, time, hidden));
  }

  /** Brings hidden states into y. */
  private void finish(int d, Tensor h) {
    Tensor result = ofResult(d);
    Tensor from = h;
    if (spec.reverses(d)) {
      Tensor back = scratch.empty(x.dtype(), h.shape());
      Recurrent recurrent = kernels.recurrent();
      steps.add(() -> recurrent.arrange(h, lengths, true, back, false));
      from = back;
    } else if (result.isContiguous()) {
      return;
    }
    steps.add(Steps.copy(from, result));
  }

  /** The state after each row's last step; a row without steps keeps what it began with. */
  private void last(int d, Tensor states, Tensor before, int output) {
    Tensor to = ofDirection(outputs.get(output), d);
    Tensor ends = lengths;
    if (ends == null) {
      steps.add(Steps.copy(states.select(1, time - 1), to));
      return;
    }
    steps.add(
        () -> {
          for (long i = 0; i < n; i++) {
            long length = ends.getLong(i);
            for (long j = 0; j < hidden; j++) {
              double value =
                  length == 0
                      ? before.get(i * hidden + j)
                      : states.get((i * time + length - 1) * hidden + j);
              to.set(i * hidden + j, value);
            }
          }
        });
  }
}
