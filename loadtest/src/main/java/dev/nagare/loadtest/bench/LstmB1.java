package dev.nagare.loadtest.bench;

import java.util.List;
import java.util.SplittableRandom;

/**
 * The figure {@code lstm-b1}: one online training step of a small forecaster at batch 1.
 *
 * <p>LSTM (T=32, I=8, H=64) and a linear head to 8 outputs on the last hidden state, mean squared
 * error, backward, clipping by global norm, Adam. Inputs are windows of a noisy seasonal signal.
 */
final class LstmB1 {
  static final int TIME = 32;
  static final int INPUT = 8;
  static final int HIDDEN = 64;
  static final int OUTPUT = 8;
  static final float LEARNING_RATE = 1e-3f;
  static final float CLIP_NORM = 1f;
  static final float BETA1 = 0.9f;
  static final float BETA2 = 0.999f;
  static final float EPSILON = 1e-8f;

  /** Windows that the steps go through in turn. */
  static final int WINDOWS = 64;

  private static final long SEED = 20;
  // Losses of float programs that sum in another order; from the same weights they stay this close.
  private static final double TOLERANCE = 1e-4;

  static final Duel DUEL =
      new Duel(
          "lstm-b1",
          Side.NAGARE_LSTM_B1,
          List.of(Side.LIBTORCH_LSTM_B1_1T, Side.LIBTORCH_LSTM_B1_2T),
          10,
          TOLERANCE,
          2_000,
          200);

  /** PyTorch's layout: {@code weight_ih [4H, I]}, gates i, f, g, o. */
  final float[] weightIh;

  /** {@code weight_hh [4H, H]}. */
  final float[] weightHh;

  /** {@code bias_ih [4H]}. */
  final float[] biasIh;

  /** {@code bias_hh [4H]}. */
  final float[] biasHh;

  /** {@code weight [O, H]} of the head. */
  final float[] headWeight;

  /** {@code bias [O]} of the head. */
  final float[] headBias;

  /** {@code [WINDOWS + TIME, I]}: window w is rows w to w + T - 1, its target row w + T. */
  final float[] rows;

  LstmB1() {
    var random = new SplittableRandom(SEED);
    double bound = 1 / Math.sqrt(HIDDEN);
    weightIh = uniform(random, 4 * HIDDEN * INPUT, bound);
    weightHh = uniform(random, 4 * HIDDEN * HIDDEN, bound);
    biasIh = uniform(random, 4 * HIDDEN, bound);
    biasHh = uniform(random, 4 * HIDDEN, bound);
    headWeight = uniform(random, OUTPUT * HIDDEN, bound);
    headBias = uniform(random, OUTPUT, bound);
    rows = new float[(WINDOWS + TIME) * INPUT];
    for (int t = 0; t < WINDOWS + TIME; t++) {
      for (int i = 0; i < INPUT; i++) {
        double season = StrictMath.sin(2 * Math.PI * t / (6 + 3 * i));
        rows[t * INPUT + i] = (float) (season + random.nextDouble(-0.3, 0.3));
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
}
