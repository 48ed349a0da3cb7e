package dev.nagare.loadtest.bench.train;

/** Additions of two tensors of 16 elements, one of which requires a gradient. */
final class SmallAdd {
  /** Additions in a step: one alone is too short for the clock. */
  static final int ADDITIONS = 100;

  private SmallAdd() {}

  static float[] operand(int seed) {
    float[] values = new float[16];
    for (int i = 0; i < values.length; i++) {
      values[i] = seed + i / 16f;
    }
    return values;
  }
}
