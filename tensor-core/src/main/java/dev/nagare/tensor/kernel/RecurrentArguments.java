package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.KernelArguments.apart;
import static dev.nagare.tensor.kernel.KernelArguments.dtype;
import static dev.nagare.tensor.kernel.KernelArguments.rank;
import static dev.nagare.tensor.kernel.KernelArguments.same;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/** Checks the arguments of {@link Recurrent} before any memory is touched. */
final class RecurrentArguments {
  private RecurrentArguments() {}

  static void lengths(String op, @Nullable Tensor lengths, Tensor x) {
    if (lengths == null) {
      return;
    }
    if (lengths.shape().rank() != 1 || lengths.dim(0) != x.dim(0)) {
      throw TensorException.mismatch(
          op + ": lengths have shape " + lengths.shape() + ", expected [" + x.dim(0) + "]");
    }
    for (long i = 0; i < lengths.elements(); i++) {
      double length = lengths.get(i);
      if (!(length >= 0 && length <= x.dim(1) && length == Math.rint(length))) {
        throw TensorException.mismatch(
            op + ": expected lengths from 0 to " + x.dim(1) + ", got " + length);
      }
    }
  }

  static void sequence(
      String op,
      int parts,
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      @Nullable Tensor lengths,
      Tensor h) {
    KernelArguments.floating(op, "gates", gates);
    rank(op, "gates", gates, 3);
    rank(op, "weightHh", weightHh, 2);
    dtype(op, "weightHh", weightHh, gates);
    dtype(op, "h0", h0, gates);
    dtype(op, "h", h, gates);
    long n = gates.dim(0);
    long hidden = weightHh.dim(0);
    boolean fits =
        weightHh.dim(1) == parts * hidden
            && gates.dim(2) == parts * hidden
            && h0.shape().rank() == 2
            && h0.dim(0) == n
            && h0.dim(1) == hidden
            && h.shape().rank() == 3
            && h.dim(0) == n
            && h.dim(1) == gates.dim(1)
            && h.dim(2) == hidden;
    if (!fits) {
      String width = (parts == 1 ? "" : parts) + "H";
      throw TensorException.mismatch(
          op
              + ": expected gates [N, T, "
              + width
              + "], weightHh [H, "
              + width
              + "], h0 [N, H], h [N, T, H], got "
              + gates.shape()
              + ", "
              + weightHh.shape()
              + ", "
              + h0.shape()
              + ", "
              + h.shape());
    }
    lengths(op, lengths, gates);
    KernelArguments.writable(op, "gates", gates);
    ends(op, "gates", gates, lengths);
  }

  static void results(
      String op, Tensor gates, Tensor weightHh, Tensor h0, @Nullable Tensor lengths, Tensor h) {
    apart(op, "h", h, "gates", gates);
    apart(op, "h", h, "h0", h0);
    apart(op, "h", h, "weightHh", weightHh);
    ends(op, "h", h, lengths);
  }

  /** Lengths are read between the writes to an output. */
  static void ends(String op, String name, Tensor out, @Nullable Tensor lengths) {
    if (lengths != null) {
      StridedArguments.apart(op, name, out, "lengths", lengths);
    }
  }

  static void gradients(
      String op,
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      @Nullable Tensor lengths,
      Tensor h,
      Tensor dh,
      Tensor dWeightHh,
      Tensor dh0) {
    same(op, "dh", dh, "h", h);
    same(op, "dWeightHh", dWeightHh, "weightHh", weightHh);
    same(op, "dh0", dh0, "h0", h0);
    apart(op, "dh", dh, "h", h);
    apart(op, "dh", dh, "gates", gates);
    apart(op, "dh0", dh0, "dh", dh);
    apart(op, "dh0", dh0, "h0", h0);
    apart(op, "dWeightHh", dWeightHh, "weightHh", weightHh);
    ends(op, "dh", dh, lengths);
    ends(op, "dh0", dh0, lengths);
    ends(op, "dWeightHh", dWeightHh, lengths);
  }
}
