package dev.nagare.graph.op;

import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recurrences that the kernels do not know: other activations, bounds, peepholes, a reset before
 * the product. One product per step, and element by element what follows it.
 *
 * <p>Tensors are one direction's, contiguous, as in {@link dev.nagare.tensor.kernel.Recurrent}.
 */
final class RecurrentCells {
  private final Kernels kernels;
  private final RecurrentSpec spec;
  private final int direction;
  private final @Nullable Tensor lengths;
  private final Memory scratch;
  private final int hidden;

  RecurrentCells(
      Kernels kernels,
      RecurrentSpec spec,
      int direction,
      @Nullable Tensor lengths,
      Memory scratch) {
    this.kernels = kernels;
    this.spec = spec;
    this.direction = direction;
    this.lengths = lengths;
    this.scratch = scratch;
    this.hidden = Math.toIntExact(spec.hidden());
  }

  Step lstm(
      Tensor gates,
      Tensor r,
      Tensor h0,
      Tensor c0,
      @Nullable Tensor peepholes,
      boolean inputForget,
      Tensor h,
      Tensor c) {
    List<Activation> f = spec.activations(direction, Activation.LSTM);
    Activation gate = f.get(0);
    Activation cell = f.get(1);
    Activation result = f.get(2);
    long n = h0.dim(0);
    long time = gates.dim(1);
    Tensor before = scratch.empty(h.dtype(), Shape.of(n, hidden));
    Tensor cells = scratch.empty(h.dtype(), Shape.of(n, hidden));
    Tensor product = scratch.empty(h.dtype(), Shape.of(n, 4L * hidden));
    return () -> {
      before.copyFrom(h0);
      cells.copyFrom(c0);
      for (long t = 0; t < time; t++) {
        kernels.matmul(before, false, r, false, null, product, false);
        for (long i = 0; i < n; i++) {
          boolean ended = isEnded(i, t);
          for (int j = 0; j < hidden; j++) {
            long at = i * hidden + j;
            long out = (i * time + t) * hidden + j;
            if (ended) {
              h.set(out, 0);
              c.set(out, 0);
              continue;
            }
            double old = cells.get(at);
            double in = gate.of(held(sum(gates, product, i, t, 0, j) + peep(peepholes, 0, j, old)));
            double forget =
                inputForget
                    ? 1 - in
                    : gate.of(held(sum(gates, product, i, t, 1, j) + peep(peepholes, 2, j, old)));
            double now = forget * old + in * cell.of(held(sum(gates, product, i, t, 2, j)));
            double open =
                gate.of(held(sum(gates, product, i, t, 3, j) + peep(peepholes, 1, j, now)));
            double value = open * result.of(held(now));
            cells.set(at, now);
            before.set(at, value);
            c.set(out, now);
            h.set(out, value);
          }
        }
      }
    };
  }

  private double peep(@Nullable Tensor peepholes, int part, int j, double cell) {
    return peepholes == null ? 0 : peepholes.get((long) part * hidden + j) * cell;
  }

  Step gru(Tensor gates, Tensor r, Tensor biasHh, Tensor h0, boolean linearBeforeReset, Tensor h) {
    List<Activation> f = spec.activations(direction, Activation.GRU);
    Activation gate = f.get(0);
    Activation result = f.get(1);
    long n = h0.dim(0);
    long time = gates.dim(1);
    Tensor before = scratch.empty(h.dtype(), Shape.of(n, hidden));
    Tensor reset = scratch.empty(h.dtype(), Shape.of(n, hidden));
    Tensor product = scratch.empty(h.dtype(), Shape.of(n, 3L * hidden));
    Tensor again = scratch.empty(h.dtype(), Shape.of(n, 3L * hidden));
    return () -> {
      before.copyFrom(h0);
      for (long t = 0; t < time; t++) {
        kernels.matmul(before, false, r, false, biasHh, product, false);
        for (long i = 0; i < n; i++) {
          for (int j = 0; j < hidden; j++) {
            double open = gate.of(held(sum(gates, product, i, t, 0, j)));
            reset.set(i * hidden + j, open * before.get(i * hidden + j));
          }
        }
        if (!linearBeforeReset) {
          kernels.matmul(reset, false, r, false, biasHh, again, false);
        }
        for (long i = 0; i < n; i++) {
          boolean ended = isEnded(i, t);
          for (int j = 0; j < hidden; j++) {
            long at = i * hidden + j;
            long out = (i * time + t) * hidden + j;
            if (ended) {
              h.set(out, 0);
              continue;
            }
            double part =
                linearBeforeReset
                    ? gate.of(held(sum(gates, product, i, t, 0, j)))
                        * product.get((3 * i + 2) * hidden + j)
                    : again.get((3 * i + 2) * hidden + j);
            double update = gate.of(held(sum(gates, product, i, t, 1, j)));
            double fresh = result.of(held(gates.get((3 * (i * time + t) + 2) * hidden + j) + part));
            double value = (1 - update) * fresh + update * before.get(at);
            before.set(at, value);
            h.set(out, value);
          }
        }
      }
    };
  }

  Step rnn(Tensor gates, Tensor r, Tensor h0, Tensor h) {
    Activation f = spec.activations(direction, Activation.RNN).getFirst();
    long n = h0.dim(0);
    long time = gates.dim(1);
    Tensor before = scratch.empty(h.dtype(), Shape.of(n, hidden));
    Tensor product = scratch.empty(h.dtype(), Shape.of(n, hidden));
    return () -> {
      before.copyFrom(h0);
      for (long t = 0; t < time; t++) {
        kernels.matmul(before, false, r, false, null, product, false);
        for (long i = 0; i < n; i++) {
          boolean ended = isEnded(i, t);
          for (int j = 0; j < hidden; j++) {
            double value = ended ? 0 : f.of(held(sum(gates, product, i, t, 0, j)));
            h.set((i * time + t) * hidden + j, value);
            if (!ended) {
              before.set(i * hidden + j, value);
            }
          }
        }
      }
    };
  }

  /** What enters a gate: the input's part and the last state's. */
  private double sum(Tensor gates, Tensor product, long i, long t, int part, int j) {
    long parts = product.dim(1) / hidden;
    long column = (long) part * hidden + j;
    long row = i * gates.dim(1) + t;
    return gates.get(row * parts * hidden + column) + product.get(i * parts * hidden + column);
  }

  private double held(double x) {
    return spec.clip() == 0 ? x : Math.min(Math.max(x, -spec.clip()), spec.clip());
  }

  private boolean isEnded(long row, long step) {
    return lengths != null && step >= lengths.getLong(row);
  }
}
