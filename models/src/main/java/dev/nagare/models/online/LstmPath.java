package dev.nagare.models.online;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Kernels.Binary;

/**
 * The one way from a network's inputs to its outputs when nothing is learned: the learner's own and
 * those of a snapshot, so that equal weights give equal bits.
 *
 * @param weightIh {@code [I, 4H]}
 * @param weightHh {@code [H, 4H]}
 * @param biasIh {@code [4H]}
 * @param biasHh {@code [4H]}
 * @param headWeight {@code [O, H]}
 * @param headBias {@code [O]}
 */
record LstmPath(
    Tensor weightIh,
    Tensor weightHh,
    Tensor biasIh,
    Tensor biasHh,
    Tensor headWeight,
    Tensor headBias) {

  /** A copy in other memory. */
  LstmPath copyTo(Memory memory) {
    return new LstmPath(
        weightIh.keep(memory),
        weightHh.keep(memory),
        biasIh.keep(memory),
        biasHh.keep(memory),
        headWeight.keep(memory),
        headBias.keep(memory));
  }

  /** Bytes that a copy takes. */
  long bytes() {
    long sum = 0;
    for (Tensor t : new Tensor[] {weightIh, weightHh, biasIh, biasHh, headWeight, headBias}) {
      sum += t.elements() * t.dtype().bytes() + Memory.ALIGNMENT;
    }
    return sum;
  }

  /**
   * The head's outputs after the last step of each sequence.
   *
   * @param inputs F32 {@code [rows, T, I]}, rows at least 2: kernels promise a row the same bits
   *     among two rows or more
   * @return F32 {@code [rows, O]}, in the scope
   */
  Tensor run(Kernels kernels, Tensor inputs, Scope scope) {
    long rows = inputs.dim(0);
    long steps = inputs.dim(1);
    long units = weightHh.dim(0);
    Tensor bias = scope.empty(DType.F32, biasIh.shape());
    kernels.binary(Binary.ADD, biasIh, biasHh, bias);
    Tensor gates = scope.empty(DType.F32, Shape.of(rows * steps, 4 * units));
    kernels.matmul(
        inputs.reshape(rows * steps, inputs.dim(2)), false, weightIh, false, bias, gates, false);

    Tensor state = scope.zeros(DType.F32, Shape.of(rows, units));
    Tensor hidden = scope.empty(DType.F32, Shape.of(rows, steps, units));
    Tensor cells = scope.empty(DType.F32, Shape.of(rows, steps, units));
    kernels.lstmForward(
        gates.reshape(rows, steps, 4 * units), weightHh, state, state, hidden, cells);

    Tensor last = scope.empty(DType.F32, Shape.of(rows, units));
    for (long r = 0; r < rows; r++) {
      for (long j = 0; j < units; j++) {
        last.set(r * units + j, hidden.get(((r + 1) * steps - 1) * units + j));
      }
    }
    Tensor out = scope.empty(DType.F32, Shape.of(rows, headBias.elements()));
    kernels.matmul(last, false, headWeight, true, headBias, out, false);
    return out;
  }
}
