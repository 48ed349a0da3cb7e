package dev.nagare.models.text;

/**
 * Vectors of whole sentences from those of their tokens, and how alike two are.
 *
 * <p>Source: sentence-transformers, mean pooling and normalization. Sums are in double, in the
 * order of the tokens.
 */
public final class SentenceVectors {
  private SentenceVectors() {}

  /**
   * The mean of tokens' vectors, of length 1: {@code [tokens, width] -> [width]}.
   *
   * @param tokens vectors of one sentence's tokens, row-major, without padding
   * @param width elements of a vector
   * @throws IllegalArgumentException if there is no token or a part of one
   */
  public static float[] mean(float[] tokens, int width) {
    if (width <= 0 || tokens.length == 0 || tokens.length % width != 0) {
      throw new IllegalArgumentException(
          "mean: expected tokens of " + width + " elements, got " + tokens.length + " in all");
    }
    double[] sums = new double[width];
    for (int i = 0; i < tokens.length; i++) {
      sums[i % width] += tokens[i];
    }
    double squares = 0;
    for (double sum : sums) {
      squares += sum * sum;
    }
    // The mean has the direction of the sum; a vector of zeros has none and stays.
    double scale = squares == 0 ? 0 : 1 / Math.sqrt(squares);
    float[] mean = new float[width];
    for (int i = 0; i < width; i++) {
      mean[i] = (float) (sums[i] * scale);
    }
    return mean;
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
