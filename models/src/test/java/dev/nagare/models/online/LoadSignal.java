package dev.nagare.models.online;

import java.util.Random;

/**
 * The load of an imaginary machine: a day of 40 rows with harmonics, noise, bursts in bytes per
 * second, and a value that never changes. A function of seed and position.
 */
final class LoadSignal {
  static final int FEATURES = 5;
  private static final double DAY = 40;

  private final Random random;
  private int at;

  LoadSignal(long seed) {
    this.random = new Random(seed);
  }

  float[] next() {
    double angle = 2 * Math.PI * at++ / DAY;
    double[] row = {
      0.5 + 0.3 * Math.sin(angle) + 0.08 * Math.sin(2 * angle + 1) + 0.05 * random.nextGaussian(),
      0.4 + 0.25 * Math.sin(angle + 2) + 0.1 * Math.sin(3 * angle) + 0.08 * random.nextGaussian(),
      2 + Math.sin(angle + 0.5) + 0.1 * random.nextGaussian(),
      1e6 * (1 + Math.sin(angle + 1))
          + 2e5 * Math.abs(random.nextGaussian())
          + (random.nextInt(50) == 0 ? 5e6 : 0),
      0.25
    };
    float[] values = new float[FEATURES];
    for (int f = 0; f < FEATURES; f++) {
      values[f] = (float) row[f];
    }
    return values;
  }
}
