package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.PlainKernels.size;

import dev.nagare.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The order of work in {@link Kernels#lstmForward} and {@link Kernels#lstmBackward}: what runs for
 * which step; the loops do the arithmetic.
 */
final class LstmSequence {
  private LstmSequence() {}

  static void forward(
      Loops loops,
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      Tensor c0,
      @Nullable Tensor lengths,
      Tensor h,
      Tensor c) {
    int bytes = gates.dtype().bytes();
    int n = size(gates.dim(0));
    int steps = size(gates.dim(1));
    int hidden = size(weightHh.dim(0));
    int width = 4 * hidden;
    long row = (long) steps * hidden; // from one sequence to the next, in elements
    long w = weightHh.segment().address();
    long hBefore = h0.segment().address();
    long cBefore = c0.segment().address();
    long beforeRow = hidden;
    for (int t = 0; t < steps; t++) {
      long at = (long) t * hidden * bytes;
      long g = gates.segment().address() + 4 * at;
      long hNow = h.segment().address() + at;
      long cNow = c.segment().address() + at;
      int end;
      for (int i = RunsOfRows.begin(lengths, 0, n, t);
          i < n;
          i = RunsOfRows.begin(lengths, end, n, t)) {
        end = RunsOfRows.end(lengths, i, n, t);
        long from = i * beforeRow * bytes;
        long into = g + 4L * i * row * bytes;
        loops.product(
            hBefore + from, beforeRow, 1, w, width, into, 4 * row, end - i, width, hidden);
        for (int j = i; j < end; j++) {
          long to = j * row * bytes;
          long gate = g + 4 * to;
          loops.activateGates(gate, hidden);
          loops.cell(gate, cBefore + j * beforeRow * bytes, cNow + to, hNow + to, hidden);
        }
      }
      hBefore = hNow;
      cBefore = cNow;
      beforeRow = row;
    }
    RunsOfRows.clear(lengths, h);
    RunsOfRows.clear(lengths, c);
  }

  static void backward(
      Loops loops,
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      Tensor c0,
      @Nullable Tensor lengths,
      Tensor h,
      Tensor c,
      Tensor dh,
      Tensor dWeightHh,
      Tensor dh0,
      Tensor dc0) {
    int bytes = gates.dtype().bytes();
    int n = size(gates.dim(0));
    int steps = size(gates.dim(1));
    int hidden = size(weightHh.dim(0));
    int width = 4 * hidden;
    long row = (long) steps * hidden;
    // Transposed once, every step's product runs over contiguous rows like the forward's.
    long w = Scratch.ofThread().bytes(weightHh.segment().byteSize()).address();
    loops.transpose(weightHh.segment().address(), w, hidden, width);
    dh0.segment().fill((byte) 0);
    for (int t = steps - 1; t >= 0; t--) {
      long at = (long) t * hidden * bytes;
      long before = at - (long) hidden * bytes;
      long g = gates.segment().address() + 4 * at;
      long cNow = c.segment().address() + at;
      long dhNow = dh.segment().address() + at;
      long cBefore = t == 0 ? c0.segment().address() : c.segment().address() + before;
      long dhBefore = t == 0 ? dh0.segment().address() : dh.segment().address() + before;
      long beforeRow = t == 0 ? hidden : row;
      int end;
      for (int i = RunsOfRows.begin(lengths, 0, n, t);
          i < n;
          i = RunsOfRows.begin(lengths, end, n, t)) {
        end = RunsOfRows.end(lengths, i, n, t);
        for (int j = i; j < end; j++) {
          long to = j * row * bytes;
          long dc = dc0.segment().address() + (long) j * hidden * bytes;
          loops.cellBackward(
              g + 4 * to, cBefore + j * beforeRow * bytes, cNow + to, dhNow + to, dc, hidden);
        }
        long from = g + 4L * i * row * bytes;
        long into = dhBefore + i * beforeRow * bytes;
        loops.product(from, 4 * row, 1, w, hidden, into, beforeRow, end - i, hidden, width);
      }
    }
    RunsOfRows.clear(lengths, gates);
    // All steps of a sequence in one product, instead of an update of all weights per step.
    long dw = dWeightHh.segment().address();
    for (int i = 0; i < n; i++) {
      int count = RunsOfRows.steps(lengths, i, steps);
      if (count == 0) {
        continue;
      }
      long hFirst = h0.segment().address() + (long) i * hidden * bytes;
      long hRest = h.segment().address() + i * row * bytes;
      long g = gates.segment().address() + 4L * i * row * bytes;
      long gRest = g + (long) width * bytes;
      loops.product(hFirst, 1, hidden, g, width, dw, width, hidden, width, 1);
      loops.product(hRest, 1, hidden, gRest, width, dw, width, hidden, width, count - 1);
    }
  }
}
