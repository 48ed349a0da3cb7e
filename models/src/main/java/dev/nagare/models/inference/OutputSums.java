package dev.nagare.models.inference;

import dev.nagare.tensor.Tensor;

/** Sums over the elements of an output, in F32 and in BF16, question by question. */
final class OutputSums {
  private final String name;
  private double product;
  private double squares;
  private double otherSquares;
  private double largest;
  private double difference;

  OutputSums(String name) {
    this.name = name;
  }

  /** Adds the answers to a question. What is infinite or undefined in both alike counts nothing. */
  void add(Tensor exact, Tensor half) {
    boolean floating = exact.dtype().isFloating();
    for (long i = 0; i < exact.elements(); i++) {
      double a = floating ? exact.get(i) : exact.getLong(i);
      double b = floating ? half.get(i) : half.getLong(i);
      if (!Double.isFinite(a) && Double.compare(a, b) == 0) {
        continue;
      }
      product += a * b;
      squares += a * a;
      otherSquares += b * b;
      largest = Math.max(largest, Math.abs(a));
      difference = Math.max(difference, Math.abs(a - b));
    }
  }

  Accuracy.Output output() {
    double scale = largest == 0 ? 1 : largest;
    return new Accuracy.Output(name, cosine(), difference / scale, scale);
  }

  private double cosine() {
    if (squares == 0 || otherSquares == 0) {
      return squares == otherSquares ? 1 : 0;
    }
    // Of equal vectors the root of the product may be a bit less than their product.
    return Math.min(1, product / (Math.sqrt(squares) * Math.sqrt(otherSquares)));
  }
}
