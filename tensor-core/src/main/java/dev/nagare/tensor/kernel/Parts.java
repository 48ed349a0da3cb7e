package dev.nagare.tensor.kernel;

import java.util.function.IntConsumer;

/**
 * Into how many parts work is cut that is worth it, by rows of the batch, and who does it: for
 * operators of a {@code Tape} convolutions, normalisation of channels and what goes element by
 * element.
 *
 * <p>Results are a function of the number of parts, not of who works on them or when.
 */
public interface Parts {
  /** One part, done by the caller. */
  Parts ONE =
      new Parts() {
        @Override
        public int count() {
          return 1;
        }

        @Override
        public void run(IntConsumer part) {
          part.accept(0);
        }
      };

  /** Number of parts, at least 1. */
  int count();

  /** Does the parts from 0 to count - 1 and returns when all have ended. */
  void run(IntConsumer part);

  /** Where a part begins, of so many things in a row; the last one's end is that of the next. */
  default long begin(long things, int part) {
    return things * part / count();
  }
}
