package dev.nagare.tensor.kernel;

/** The one order in which partial sums are added: halves onto halves. */
final class Tree {
  private Tree() {}

  /** Sum of {@link Loops#PARTIALS} partials; overwrites them. */
  static float sum(float[] partials) {
    for (int half = Loops.PARTIALS / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        partials[i] += partials[i + half];
      }
    }
    return partials[0];
  }

  /** Sum of {@link Loops#PARTIALS} partials; overwrites them. */
  static double sum(double[] partials) {
    for (int half = Loops.PARTIALS / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        partials[i] += partials[i + half];
      }
    }
    return partials[0];
  }
}
