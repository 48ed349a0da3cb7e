package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * The order of work in {@link Kernels#lstmForward} and {@link Kernels#lstmBackward}: what runs for
 * which step; the loops do the arithmetic.
 */
final class LstmSequence {
  private LstmSequence() {}

  static void forward(
      Loops loops, Tensor gates, Tensor weightHh, Tensor h0, Tensor c0, Tensor h, Tensor c) {
    int n = PlainKernels.size(gates.dim(0));
    int steps = PlainKernels.size(gates.dim(1));
    int hidden = PlainKernels.size(weightHh.dim(0));
    int width = 4 * hidden;
    long row = (long) steps * hidden;
    long gatesRow = (long) steps * width;
    MemorySegment g = gates.segment();
    MemorySegment w = weightHh.segment();
    MemorySegment hs = h.segment();
    MemorySegment cs = c.segment();
    MemorySegment hBefore = h0.segment();
    MemorySegment cBefore = c0.segment();
    long before = 0;
    long beforeRow = hidden;
    for (int t = 0; t < steps; t++) {
      long at = (long) t * hidden;
      loops.product(
          hBefore, before, beforeRow, 1, w, 0, width, g, 4 * at, gatesRow, n, width, hidden);
      for (int i = 0; i < n; i++) {
        loops.activateGates(
            g,
            i * gatesRow + 4 * at,
            cBefore,
            before + i * beforeRow,
            cs,
            i * row + at,
            hs,
            i * row + at,
            hidden);
      }
      hBefore = hs;
      cBefore = cs;
      before = at;
      beforeRow = row;
    }
  }

  static void backward(
      Loops loops,
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      Tensor c0,
      Tensor h,
      Tensor c,
      Tensor dh,
      Tensor dWeightHh,
      Tensor dh0,
      Tensor dc0) {
    int n = PlainKernels.size(gates.dim(0));
    int steps = PlainKernels.size(gates.dim(1));
    int hidden = PlainKernels.size(weightHh.dim(0));
    int width = 4 * hidden;
    long row = (long) steps * hidden;
    long gatesRow = (long) steps * width;
    MemorySegment g = gates.segment();
    MemorySegment dhs = dh.segment();
    MemorySegment dw = dWeightHh.segment();
    // Transposed once, every step's product runs over contiguous rows like the forward's.
    MemorySegment w = Scratch.ofThread().bytes(weightHh.segment().byteSize());
    loops.transpose(weightHh.segment(), w, hidden, width);
    dh0.segment().fill((byte) 0);
    for (int t = steps - 1; t >= 0; t--) {
      long at = (long) t * hidden;
      boolean first = t == 0;
      MemorySegment cBefore = first ? c0.segment() : c.segment();
      MemorySegment dhBefore = first ? dh0.segment() : dhs;
      long before = first ? 0 : at - hidden;
      long beforeRow = first ? hidden : row;
      for (int i = 0; i < n; i++) {
        loops.differentiateGates(
            g,
            i * gatesRow + 4 * at,
            cBefore,
            before + i * beforeRow,
            c.segment(),
            i * row + at,
            dhs,
            i * row + at,
            dc0.segment(),
            (long) i * hidden,
            hidden);
      }
      loops.product(
          g, 4 * at, gatesRow, 1, w, 0, hidden, dhBefore, before, beforeRow, n, hidden, width);
    }
    if (steps == 0) {
      return;
    }
    // One product over all steps of a sequence instead of an update of all weights per step.
    for (int i = 0; i < n; i++) {
      loops.product(
          h0.segment(),
          (long) i * hidden,
          1,
          hidden,
          g,
          i * gatesRow,
          width,
          dw,
          0,
          width,
          hidden,
          width,
          1);
      loops.product(
          h.segment(),
          i * row,
          1,
          hidden,
          g,
          i * gatesRow + width,
          width,
          dw,
          0,
          width,
          hidden,
          width,
          steps - 1);
    }
  }
}
