package dev.nagare.autograd;

import java.util.function.IntConsumer;

/**
 * Into how many parts, by rows of the batch, operators of a {@link Tape} cut work that is worth it,
 * and who does it. Today those are convolutions.
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
}
