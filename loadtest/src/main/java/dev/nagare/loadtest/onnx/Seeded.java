package dev.nagare.loadtest.onnx;

import java.util.SplittableRandom;

/** Values by seed and name: the same whatever else a model has. */
final class Seeded {
  private Seeded() {}

  /** Uniform between two bounds. */
  static float[] uniform(long seed, String name, int count, double low, double high) {
    var random = new SplittableRandom(seed * 31 + name.hashCode());
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(low, high);
    }
    return values;
  }
}
