package dev.nagare.graph.op;

import dev.nagare.tensor.Tensor;

/** What becomes of an element that another one is scattered to. */
public enum Combine {
  /** The new one takes its place. */
  REPLACE,
  /** Their sum. */
  ADD,
  /** Their product. */
  MUL,
  /** The larger. */
  MAX,
  /** The smaller. */
  MIN;

  void apply(Tensor updates, long from, Tensor y, long at) {
    if (this == REPLACE) {
      Moves.element(updates, from, y, at);
    } else if (y.dtype().isFloating()) {
      double a = y.get(at);
      double b = updates.get(from);
      y.set(
          at,
          switch (this) {
            case ADD -> a + b;
            case MUL -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case REPLACE -> b;
          });
    } else {
      long a = y.getLong(at);
      long b = updates.getLong(from);
      y.setLong(
          at,
          switch (this) {
            case ADD -> a + b;
            case MUL -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case REPLACE -> b;
          });
    }
  }
}
