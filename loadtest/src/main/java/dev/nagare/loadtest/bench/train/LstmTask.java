package dev.nagare.loadtest.bench.train;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * One training step of a small forecaster: LSTM and a linear head on the last hidden state, mean
 * squared error, backward, clipping by global norm, Adam. Inputs are windows of a noisy seasonal
 * signal, targets the row after each.
 */
final class LstmTask {
  static final float LEARNING_RATE = 1e-3f;
  static final float CLIP_NORM = 1f;
  static final float BETA1 = 0.9f;
  static final float BETA2 = 0.999f;
  static final float EPSILON = 1e-8f;

  /** Windows that the steps go through in turn, a batch at a time. */
  private static final int WINDOWS = 64;

  private static final long SEED = 20;

  static final LstmTask B1 = new LstmTask(1, 32, 8, 64);
  static final LstmTask B16 = new LstmTask(16, 32, 8, 64);
  static final LstmTask B32_H128 = new LstmTask(32, 64, 16, 128);

  final int batch;
  final int time;

  /** Inputs of a step, and outputs of the head. */
  final int input;

  final int hidden;

  /** PyTorch's layout: {@code weight_ih [4H, I]}, gates i, f, g, o. */
  final float[] weightIh;

  /** {@code weight_hh [4H, H]}. */
  final float[] weightHh;

  /** {@code bias_ih [4H]}. */
  final float[] biasIh;

  /** {@code bias_hh [4H]}. */
  final float[] biasHh;

  /** {@code weight [I, H]} of the head. */
  final float[] headWeight;

  /** {@code bias [I]} of the head. */
  final float[] headBias;

  /** {@code [WINDOWS + T, I]}: window w is rows w to w + T - 1, its target row w + T. */
  private final float[] rows;

  private LstmTask(int batch, int time, int input, int hidden) {
    this.batch = batch;
    this.time = time;
    this.input = input;
    this.hidden = hidden;
    var random = new SplittableRandom(SEED);
    double bound = 1 / Math.sqrt(hidden);
    weightIh = uniform(random, 4 * hidden * input, bound);
    weightHh = uniform(random, 4 * hidden * hidden, bound);
    biasIh = uniform(random, 4 * hidden, bound);
    biasHh = uniform(random, 4 * hidden, bound);
    headWeight = uniform(random, input * hidden, bound);
    headBias = uniform(random, input, bound);
    rows = new float[(WINDOWS + time) * input];
    for (int t = 0; t < WINDOWS + time; t++) {
      for (int i = 0; i < input; i++) {
        double season = StrictMath.sin(2 * Math.PI * t / (6 + 3 * i));
        rows[t * input + i] = (float) (season + random.nextDouble(-0.3, 0.3));
      }
    }
  }

  private static float[] uniform(SplittableRandom random, int count, double bound) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return values;
  }

  /** Different batches; step s takes batch s modulo this. */
  int batches() {
    return WINDOWS / batch;
  }

  /** Windows of a batch, {@code [N, T, I]}. */
  float[] windows(int index) {
    float[] windows = new float[batch * time * input];
    for (int n = 0; n < batch; n++) {
      int from = (index * batch + n) * input;
      System.arraycopy(rows, from, windows, n * time * input, time * input);
    }
    return windows;
  }

  /** Targets of a batch, {@code [N, I]}: those of windows in a row lie in a row. */
  float[] targets(int index) {
    int from = (index * batch + time) * input;
    return Arrays.copyOfRange(rows, from, from + batch * input);
  }
}
