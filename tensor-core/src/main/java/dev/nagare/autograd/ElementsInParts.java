package dev.nagare.autograd;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Kernels.Binary;
import dev.nagare.tensor.kernel.Kernels.Unary;
import dev.nagare.tensor.kernel.Parts;

/**
 * What goes element by element over contiguous tensors, shared out by a tape's {@link Parts} where
 * that is worth it. An element's bits are those that it has in one part.
 *
 * <p>A part gets the elements of the images that it gets of a convolution, so they are still in its
 * processor's cache.
 */
final class ElementsInParts {
  /** Fewer are computed in the few microseconds that two threads take to meet. */
  static final long WORTH = 1 << 15;

  private ElementsInParts() {}

  private interface Some {
    void accept(Kernels kernels, long from, long count);
  }

  private static boolean whole(Tape tape, Tensor x) {
    return tape.parts().count() == 1 || x.elements() < WORTH;
  }

  private static void share(Tape tape, long elements, Some work) {
    Parts parts = tape.parts();
    parts.run(
        part -> {
          long from = parts.begin(elements, part);
          work.accept(tape.kernels(), from, parts.begin(elements, part + 1) - from);
        });
  }

  private static Tensor flat(Tensor x) {
    return x.reshape(x.elements());
  }

  static void unary(Tape tape, Unary f, Tensor x, Tensor out) {
    if (whole(tape, x)) {
      tape.kernels().unary(f, x, out);
      return;
    }
    Tensor in = flat(x);
    Tensor to = flat(out);
    share(
        tape,
        x.elements(),
        (kernels, from, n) -> kernels.unary(f, in.narrow(from, n), to.narrow(from, n)));
  }

  static void unaryBackward(Tape tape, Unary f, Tensor x, Tensor y, Tensor dy, Tensor dx) {
    if (whole(tape, x)) {
      tape.kernels().unaryBackward(f, x, y, dy, dx);
      return;
    }
    Tensor in = flat(x);
    Tensor out = flat(y);
    Tensor up = flat(dy);
    Tensor to = flat(dx);
    share(
        tape,
        x.elements(),
        (kernels, from, n) ->
            kernels.unaryBackward(
                f,
                in.narrow(from, n),
                out.narrow(from, n),
                up.narrow(from, n),
                to.narrow(from, n)));
  }

  static void binary(Tape tape, Binary f, Tensor a, Tensor b, Tensor out) {
    if (whole(tape, a)) {
      tape.kernels().binary(f, a, b, out);
      return;
    }
    Tensor left = flat(a);
    Tensor right = flat(b);
    Tensor to = flat(out);
    share(
        tape,
        a.elements(),
        (kernels, from, n) ->
            kernels.binary(f, left.narrow(from, n), right.narrow(from, n), to.narrow(from, n)));
  }

  static void axpy(Tape tape, double alpha, Tensor x, Tensor y) {
    if (whole(tape, x)) {
      tape.kernels().axpy(alpha, x, y);
      return;
    }
    Tensor in = flat(x);
    Tensor to = flat(y);
    share(
        tape,
        x.elements(),
        (kernels, from, n) -> kernels.axpy(alpha, in.narrow(from, n), to.narrow(from, n)));
  }
}
