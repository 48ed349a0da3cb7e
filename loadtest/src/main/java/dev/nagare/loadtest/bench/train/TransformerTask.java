package dev.nagare.loadtest.bench.train;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One training step of a small language model: words and learned positions, two pre-norm layers
 * with causal self-attention, a last normalisation and a linear head; cross entropy of the next
 * word, AdamW. A word of the text depends on the one before it.
 */
final class TransformerTask {
  static final int BATCH = 16;
  static final int TIME = 64;
  static final int FEATURES = 128;
  static final int HEADS = 4;
  static final int FEED_FORWARD = 512;
  static final int DEPTH = 2;
  static final int WORDS = 1_000;

  static final double LEARNING_RATE = 5e-4;
  static final double WEIGHT_DECAY = 0.01;
  static final double BETA1 = 0.9;
  static final double BETA2 = 0.999;
  static final double EPSILON = 1e-8;

  /** Different batches; step s takes batch s modulo this. */
  static final int BATCHES = 4;

  private static final long SEED = 24;

  private final List<Weight> weights = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final long[] text = new long[BATCHES * BATCH * TIME + 1];

  TransformerTask() {
    weights.add(Weight.uniform(random, 0.1, WORDS, FEATURES));
    weights.add(Weight.uniform(random, 0.1, TIME, FEATURES));
    for (int layer = 0; layer < DEPTH; layer++) {
      linear(FEATURES, 3 * FEATURES);
      linear(FEATURES, FEATURES);
      linear(FEATURES, FEED_FORWARD);
      linear(FEED_FORWARD, FEATURES);
      norm();
      norm();
    }
    norm();
    linear(FEATURES, WORDS);
    for (int i = 1; i < text.length; i++) {
      text[i] = (text[i - 1] * 31 + random.nextInt(3)) % WORDS;
    }
  }

  private void linear(int in, int out) {
    double bound = 1 / Math.sqrt(in);
    weights.add(Weight.uniform(random, bound, out, in));
    weights.add(Weight.uniform(random, bound, out));
  }

  private void norm() {
    weights.add(Weight.constant(1, FEATURES));
    weights.add(Weight.constant(0, FEATURES));
  }

  /**
   * Words, positions, per layer the packed projection, that of the output, the two linear layers
   * and the two normalisations, then the last normalisation and the head.
   */
  List<Weight> weights() {
    return weights;
  }

  /** Words of a batch, {@code [N, T]}; those after each with an offset of 1. */
  long[] words(int index, int offset) {
    long[] words = new long[BATCH * TIME];
    System.arraycopy(text, index * words.length + offset, words, 0, words.length);
    return words;
  }
}
