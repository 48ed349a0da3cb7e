package dev.nagare.autograd;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels.Binary;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out a fraction of the elements and scales the others by {@code 1 / (1 - fraction)}, so
 * that sums keep their size.
 *
 * <p>Shapes: {@code S -> S}. Dtypes: all. Gradient: through the elements that stayed. Which ones is
 * a function of the random numbers' seed, step and stream, never of what was drawn before. Source:
 * Srivastava and others (2014); {@code torch.nn.functional.dropout} in training.
 */
final class Dropout extends Node {
  private static final double WORD = 0x1.0p32;

  private final int @Nullable [] order;
  private final Tensor mask;

  private Dropout(Variable x, int @Nullable [] order, Tensor mask) {
    super("dropout", x);
    this.order = order;
    this.mask = mask;
  }

  static Variable apply(Variable x, double fraction, CounterRandom random) {
    Tape tape = Tape.of("dropout", x);
    int[] order = MemoryOrder.of(x.value());
    Tensor value = MemoryOrder.seen(tape, x.value(), order);
    Tensor mask = tape.scope().empty(value.dtype(), value.shape());
    fill(mask, fraction, random);
    Tensor out = tape.scope().empty(value.dtype(), value.shape());
    tape.kernels().binary(Binary.MUL, value, mask, out);
    return tape.record(new Dropout(x, order, mask), MemoryOrder.restored(out, order));
  }

  /** Factors: 0 for the fraction that is left out, {@code 1 / (1 - fraction)} for the rest. */
  static void fill(Tensor mask, double fraction, CounterRandom random) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw TensorException.mismatch(
          "dropout: the fraction must be from 0 up to but not including 1, got " + fraction);
    }
    long threshold = Math.round(fraction * WORD);
    double kept = 1 / (1 - fraction);
    int[] words = new int[4];
    for (long i = 0; i < mask.elements(); i++) {
      int word = (int) (i & 3);
      if (word == 0) {
        random.words((int) (i >>> 2), words);
      }
      mask.set(i, Integer.toUnsignedLong(words[word]) < threshold ? 0 : kept);
    }
  }

  @Override
  protected void backward(Tape tape, Tensor gradient) {
    Tensor term = tape.scope().empty(mask.dtype(), mask.shape());
    tape.kernels().binary(Binary.MUL, MemoryOrder.seen(tape, gradient, order), mask, term);
    MemoryOrder.add(tape, input(0), order, dx -> tape.kernels().axpy(1, term, dx));
  }
}
