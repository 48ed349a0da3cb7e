package dev.nagare.models.text;

/**
 * Vectors of whole sentences, and how alike two are. {@link Pooling} makes them from those of
 * tokens.
 *
 * <p>Source: sentence-transformers, normalization and cosine similarity. Sums are in double, in the
 * order of the elements.
 */
public final class SentenceVectors {
  private SentenceVectors() {}

  /** A vector of the same direction and length 1; one of zeros has no direction and stays. */
  public static float[] unit(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    double scale = squares == 0 ? 0 : 1 / Math.sqrt(squares);
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] * scale);
    }
    return unit;
  }

  /**
   * The cosine of the angle between two vectors, -1 to 1; 0 if one has no length.
   *
   * @throws IllegalArgumentException if they have not as many elements
   */
  public static double cosine(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "cosine: expected as many elements, got " + a.length + " and " + b.length);
    }
    double product = 0;
    double squaresOfA = 0;
    double squaresOfB = 0;
    for (int i = 0; i < a.length; i++) {
      product += (double) a[i] * b[i];
      squaresOfA += (double) a[i] * a[i];
      squaresOfB += (double) b[i] * b[i];
    }
    double lengths = Math.sqrt(squaresOfA) * Math.sqrt(squaresOfB);
    return lengths == 0 ? 0 : product / lengths;
  }
}
