package dev.nagare.loadtest.bench.train;

import java.util.SplittableRandom;

/** One AdamW step over ten million parameters, with the same gradient each time. */
final class AdamWTask {
  static final int PARAMETERS = 10_000_000;
  static final float LEARNING_RATE = 1e-3f;
  static final float WEIGHT_DECAY = 0.01f;
  static final float BETA1 = 0.9f;
  static final float BETA2 = 0.999f;
  static final float EPSILON = 1e-8f;

  private static final long SEED = 21;

  private AdamWTask() {}

  /** Parameters, in ±1. */
  static float[] parameters() {
    return uniform(SEED);
  }

  /** Their gradients, in ±1. */
  static float[] gradients() {
    return uniform(SEED + 1);
  }

  /** The parameter that tells how step {@code steps} went. */
  static int watched(int steps) {
    return (int) (steps * 7_919L * 127 % PARAMETERS);
  }

  private static float[] uniform(long seed) {
    var random = new SplittableRandom(seed);
    float[] values = new float[PARAMETERS];
    for (int i = 0; i < PARAMETERS; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
