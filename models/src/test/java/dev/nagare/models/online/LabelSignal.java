package dev.nagare.models.online;

import java.util.Random;

/**
 * Rows of two features and a label that needs memory: whether the first feature is above the mean
 * of its last 16 values. A function of seed and position.
 */
final class LabelSignal {
  static final int FEATURES = 2;
  private static final int MEMORY = 16;

  private final Random random;
  private final double[] last = new double[MEMORY];
  private double value;
  private int at;

  LabelSignal(long seed) {
    this.random = new Random(seed);
  }

  float[] next() {
    value = 0.95 * value + random.nextGaussian();
    last[at++ % MEMORY] = value;
    double sum = 0;
    for (double v : last) {
      sum += v;
    }
    return new float[] {
      (float) (100 + 10 * value), (float) random.nextGaussian(), value > sum / MEMORY ? 1 : 0
    };
  }
}
