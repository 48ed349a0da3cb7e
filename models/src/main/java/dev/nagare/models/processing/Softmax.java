package dev.nagare.models.processing;

/**
 * Probabilities of scores: {@code exp(x[i]) / sum of exp(x[j])}, in double, without overflow.
 * Source: {@code softmax} of PyTorch over the last axis.
 */
final class Softmax {
  private Softmax() {}

  static float[] of(float[] scores) {
    float most = Float.NEGATIVE_INFINITY;
    for (float score : scores) {
      most = Math.max(most, score);
    }
    double[] powers = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      powers[i] = StrictMath.exp((double) scores[i] - most);
      sum += powers[i];
    }
    float[] shares = new float[scores.length];
    for (int i = 0; i < scores.length; i++) {
      shares[i] = (float) (powers[i] / sum);
    }
    return shares;
  }
}
