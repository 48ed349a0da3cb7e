package dev.nagare.autograd;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * Logical {@code [N, C, H, W]}, or {@code [N, C, L]}, as the contiguous {@code [N, H, W, C]} that
 * kernels for images take.
 */
final class Images {
  private Images() {}

  static void require(String op, Variable x) {
    int rank = x.shape().rank();
    if (rank != 3 && rank != 4) {
      throw TensorException.mismatch(op + ": expected x [N, C, H, W] or [N, C, L], got " + x);
    }
  }

  /** A view of images that lie with channels last, otherwise a copy. */
  static Tensor of(Tape tape, Tensor x) {
    return wide(MemoryOrder.seen(tape, x, MemoryOrder.channelsLast(x.shape().rank())));
  }

  /** Contiguous {@code [N, L, C]} with its axis of rows. */
  static Tensor wide(Tensor seen) {
    return seen.shape().rank() == 4 ? seen : seen.reshape(seen.dim(0), 1, seen.dim(1), seen.dim(2));
  }

  /** Room for a result. */
  static Tensor empty(Tape tape, Tensor like, long n, long h, long w, long c) {
    return tape.scope().empty(like.dtype(), Shape.of(n, h, w, c));
  }

  /** Images as the logical tensor of that rank. */
  static Tensor logical(Tensor image, int rank) {
    Tensor seen = rank == 4 ? image : image.reshape(image.dim(0), image.dim(2), image.dim(3));
    return MemoryOrder.restored(seen, MemoryOrder.channelsLast(rank));
  }

  /** Weights {@code [O, C, K]} with their axis of rows. */
  static Tensor weights(Tensor weight) {
    return weight.shape().rank() == 4
        ? weight
        : weight.reshape(weight.dim(0), weight.dim(1), 1, weight.dim(2));
  }
}
