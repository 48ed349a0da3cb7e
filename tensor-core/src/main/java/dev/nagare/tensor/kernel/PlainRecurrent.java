package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.PlainKernels.size;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels.Binary;
import dev.nagare.tensor.kernel.Kernels.Unary;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** {@link Recurrent} in plain Java: checks, then the order of work; the loops do the arithmetic. */
final class PlainRecurrent implements Recurrent {
  private final Loops f32;
  private final Loops f64;

  PlainRecurrent(Loops f32, Loops f64) {
    this.f32 = f32;
    this.f64 = f64;
  }

  private Loops loops(Tensor x) {
    return x.dtype() == DType.F32 ? f32 : f64;
  }

  private static long address(Tensor x) {
    return x.segment().address();
  }

  @Override
  public void lstmForward(
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      Tensor c0,
      @Nullable Tensor lengths,
      Tensor h,
      Tensor c) {
    KernelArguments.lstmForward(gates, weightHh, h0, c0, h, c);
    RecurrentArguments.lengths("lstmForward", lengths, gates);
    RecurrentArguments.ends("lstmForward", "gates", gates, lengths);
    RecurrentArguments.ends("lstmForward", "h", h, lengths);
    RecurrentArguments.ends("lstmForward", "c", c, lengths);
    LstmSequence.forward(loops(gates), gates, weightHh, h0, c0, lengths, h, c);
  }

  @Override
  public void lstmBackward(
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
    KernelArguments.lstmBackward(gates, weightHh, h0, c0, h, c, dh, dWeightHh, dh0, dc0);
    RecurrentArguments.lengths("lstmBackward", lengths, gates);
    RecurrentArguments.ends("lstmBackward", "gates", gates, lengths);
    RecurrentArguments.ends("lstmBackward", "dh", dh, lengths);
    RecurrentArguments.ends("lstmBackward", "dh0", dh0, lengths);
    RecurrentArguments.ends("lstmBackward", "dc0", dc0, lengths);
    RecurrentArguments.ends("lstmBackward", "dWeightHh", dWeightHh, lengths);
    LstmSequence.backward(
        loops(gates), gates, weightHh, h0, c0, lengths, h, c, dh, dWeightHh, dh0, dc0);
  }

  @Override
  public void gruForward(
      Tensor gates,
      Tensor inner,
      Tensor weightHh,
      Tensor biasHh,
      Tensor h0,
      @Nullable Tensor lengths,
      Tensor h) {
    String op = "gruForward";
    RecurrentArguments.sequence(op, 3, gates, weightHh, h0, lengths, h);
    RecurrentArguments.results(op, gates, weightHh, h0, lengths, h);
    KernelArguments.same(op, "inner", inner, "gates", gates);
    KernelArguments.dtype(op, "biasHh", biasHh, gates);
    KernelArguments.shape(op, "biasHh", biasHh, gates.dim(2));
    KernelArguments.apart(op, "inner", inner, "gates", gates);
    KernelArguments.apart(op, "inner", inner, "h", h);
    RecurrentArguments.ends(op, "inner", inner, lengths);
    Loops loops = loops(gates);
    int bytes = gates.dtype().bytes();
    int n = size(gates.dim(0));
    int hidden = size(weightHh.dim(0));
    int width = 3 * hidden;
    long row = gates.dim(1) * hidden;
    long part = (long) hidden * bytes;
    fill(inner, biasHh);
    for (int t = 0; t < gates.dim(1); t++) {
      long at = t * part;
      long hBefore = t == 0 ? address(h0) : address(h) + at - part;
      long beforeRow = t == 0 ? hidden : row;
      int end;
      for (int i = RunsOfRows.begin(lengths, 0, n, t);
          i < n;
          i = RunsOfRows.begin(lengths, end, n, t)) {
        end = RunsOfRows.end(lengths, i, n, t);
        loops.product(
            hBefore + i * beforeRow * bytes,
            beforeRow,
            1,
            address(weightHh),
            width,
            address(inner) + 3 * (at + i * row * bytes),
            3 * row,
            end - i,
            width,
            hidden);
        for (int j = i; j < end; j++) {
          long to = at + j * row * bytes;
          long g = address(gates) + 3 * to;
          long u = address(inner) + 3 * to;
          loops.binary(Binary.ADD, g, u, g, 2L * hidden);
          loops.unary(Unary.SIGMOID, g, g, 2L * hidden);
          loops.rows().addProducts(g, u + 2 * part, g + 2 * part, hidden);
          loops.unary(Unary.TANH, g + 2 * part, g + 2 * part, hidden);
          long before = hBefore + j * beforeRow * bytes;
          loops.gruCell().forward(g, before, address(h) + to, hidden);
        }
      }
    }
    RunsOfRows.clear(lengths, h);
  }

  private static void fill(Tensor rows, Tensor row) {
    MemorySegment from = row.segment();
    MemorySegment to = rows.segment();
    for (long at = 0; at < to.byteSize(); at += from.byteSize()) {
      MemorySegment.copy(from, 0, to, at, from.byteSize());
    }
  }

  @Override
  public void gruBackward(
      Tensor gates,
      Tensor inner,
      Tensor weightHh,
      Tensor h0,
      @Nullable Tensor lengths,
      Tensor h,
      Tensor dh,
      Tensor dWeightHh,
      Tensor dh0) {
    String op = "gruBackward";
    RecurrentArguments.sequence(op, 3, gates, weightHh, h0, lengths, h);
    KernelArguments.same(op, "inner", inner, "gates", gates);
    KernelArguments.apart(op, "inner", inner, "gates", gates);
    RecurrentArguments.ends(op, "inner", inner, lengths);
    RecurrentArguments.gradients(op, gates, weightHh, h0, lengths, h, dh, dWeightHh, dh0);
    Loops loops = loops(gates);
    int bytes = gates.dtype().bytes();
    int n = size(gates.dim(0));
    int hidden = size(weightHh.dim(0));
    int width = 3 * hidden;
    long row = gates.dim(1) * hidden;
    long part = (long) hidden * bytes;
    long w = Scratch.ofThread().bytes(weightHh.segment().byteSize()).address();
    loops.transpose(address(weightHh), w, hidden, width);
    dh0.zero();
    for (int t = size(gates.dim(1)) - 1; t >= 0; t--) {
      long at = t * part;
      long hBefore = t == 0 ? address(h0) : address(h) + at - part;
      long dhBefore = t == 0 ? address(dh0) : address(dh) + at - part;
      long beforeRow = t == 0 ? hidden : row;
      int end;
      for (int i = RunsOfRows.begin(lengths, 0, n, t);
          i < n;
          i = RunsOfRows.begin(lengths, end, n, t)) {
        end = RunsOfRows.end(lengths, i, n, t);
        for (int j = i; j < end; j++) {
          long to = at + j * row * bytes;
          long before = j * beforeRow * bytes;
          loops
              .gruCell()
              .backward(
                  address(gates) + 3 * to,
                  address(inner) + 3 * to,
                  hBefore + before,
                  address(dh) + to,
                  dhBefore + before,
                  hidden);
        }
        long u = address(inner) + 3 * (at + i * row * bytes);
        long into = dhBefore + i * beforeRow * bytes;
        loops.product(u, 3 * row, 1, w, hidden, into, beforeRow, end - i, hidden, width);
      }
    }
    RunsOfRows.clear(lengths, gates);
    RunsOfRows.clear(lengths, inner);
    addWeightSlopes(loops, lengths, h0, h, inner, dWeightHh);
  }

  @Override
  public void rnnForward(
      Activation f, Tensor gates, Tensor weightHh, Tensor h0, @Nullable Tensor lengths, Tensor h) {
    RecurrentArguments.sequence("rnnForward", 1, gates, weightHh, h0, lengths, h);
    RecurrentArguments.results("rnnForward", gates, weightHh, h0, lengths, h);
    Loops loops = loops(gates);
    int bytes = gates.dtype().bytes();
    int n = size(gates.dim(0));
    int hidden = size(weightHh.dim(0));
    long row = gates.dim(1) * hidden;
    long part = (long) hidden * bytes;
    long w = address(weightHh);
    for (int t = 0; t < gates.dim(1); t++) {
      long at = t * part;
      long hBefore = t == 0 ? address(h0) : address(h) + at - part;
      long beforeRow = t == 0 ? hidden : row;
      int end;
      for (int i = RunsOfRows.begin(lengths, 0, n, t);
          i < n;
          i = RunsOfRows.begin(lengths, end, n, t)) {
        end = RunsOfRows.end(lengths, i, n, t);
        long from = hBefore + i * beforeRow * bytes;
        long into = address(gates) + at + i * row * bytes;
        loops.product(from, beforeRow, 1, w, hidden, into, row, end - i, hidden, hidden);
        for (int j = i; j < end; j++) {
          long to = at + j * row * bytes;
          loops.unary(f.function, address(gates) + to, address(h) + to, hidden);
        }
      }
    }
    RunsOfRows.clear(lengths, h);
  }

  @Override
  public void rnnBackward(
      Activation f,
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      @Nullable Tensor lengths,
      Tensor h,
      Tensor dh,
      Tensor dWeightHh,
      Tensor dh0) {
    String op = "rnnBackward";
    RecurrentArguments.sequence(op, 1, gates, weightHh, h0, lengths, h);
    RecurrentArguments.gradients(op, gates, weightHh, h0, lengths, h, dh, dWeightHh, dh0);
    Loops loops = loops(gates);
    int bytes = gates.dtype().bytes();
    int n = size(gates.dim(0));
    int hidden = size(weightHh.dim(0));
    long row = gates.dim(1) * hidden;
    long part = (long) hidden * bytes;
    long w = Scratch.ofThread().bytes(weightHh.segment().byteSize()).address();
    loops.transpose(address(weightHh), w, hidden, hidden);
    dh0.zero();
    gates.zero();
    for (int t = size(gates.dim(1)) - 1; t >= 0; t--) {
      long at = t * part;
      long dhBefore = t == 0 ? address(dh0) : address(dh) + at - part;
      long beforeRow = t == 0 ? hidden : row;
      int end;
      for (int i = RunsOfRows.begin(lengths, 0, n, t);
          i < n;
          i = RunsOfRows.begin(lengths, end, n, t)) {
        end = RunsOfRows.end(lengths, i, n, t);
        for (int j = i; j < end; j++) {
          long to = at + j * row * bytes;
          long y = address(h) + to; // either function's slope is one of its result
          loops.unaryBackward(f.function, y, y, address(dh) + to, address(gates) + to, hidden);
        }
        long from = address(gates) + at + i * row * bytes;
        long into = dhBefore + i * beforeRow * bytes;
        loops.product(from, row, 1, w, hidden, into, beforeRow, end - i, hidden, hidden);
      }
    }
    addWeightSlopes(loops, lengths, h0, h, gates, dWeightHh);
  }

  /** All steps of a sequence in one product, instead of an update of all weights per step. */
  private static void addWeightSlopes(
      Loops loops, @Nullable Tensor lengths, Tensor h0, Tensor h, Tensor slopes, Tensor dWeightHh) {
    int bytes = h.dtype().bytes();
    int hidden = size(h.dim(2));
    int width = size(slopes.dim(2));
    long dw = address(dWeightHh);
    for (int i = 0; i < h.dim(0); i++) {
      int count = RunsOfRows.steps(lengths, i, size(h.dim(1)));
      if (count > 0) {
        long hFirst = address(h0) + (long) i * hidden * bytes;
        long hRest = address(h) + i * h.dim(1) * hidden * bytes;
        long g = address(slopes) + i * h.dim(1) * width * bytes;
        long gRest = g + (long) width * bytes;
        loops.product(hFirst, 1, hidden, g, width, dw, width, hidden, width, 1);
        loops.product(hRest, 1, hidden, gRest, width, dw, width, hidden, width, count - 1);
      }
    }
  }

  @Override
  public void arrange(
      Tensor x, @Nullable Tensor lengths, boolean reverse, Tensor out, boolean accumulate) {
    KernelArguments.floating("arrange", "x", x);
    KernelArguments.rank("arrange", "x", x, 3);
    KernelArguments.same("arrange", "out", out, "x", x);
    KernelArguments.apart("arrange", "out", out, "x", x);
    RecurrentArguments.ends("arrange", "out", out, lengths);
    RecurrentArguments.lengths("arrange", lengths, x);
    Loops loops = loops(x);
    long bytes = x.dim(2) * x.dtype().bytes();
    int steps = size(x.dim(1));
    for (int i = 0; i < x.dim(0); i++) {
      int count = RunsOfRows.steps(lengths, i, steps);
      for (int t = 0; t < count; t++) {
        long from = ((long) i * steps + (reverse ? count - 1 - t : t)) * bytes;
        long to = ((long) i * steps + t) * bytes;
        if (accumulate) {
          long at = address(out) + to;
          loops.binary(Binary.ADD, at, address(x) + from, at, x.dim(2));
        } else {
          MemorySegment.copy(x.segment(), from, out.segment(), to, bytes);
        }
      }
    }
    if (!accumulate) {
      RunsOfRows.clear(lengths, out);
    }
  }
}
