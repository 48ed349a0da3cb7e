package dev.nagare.loadtest.bench.serve;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** What the sentence encoder is asked: tokens by seed, all of them attended to. */
final class Sentence {
  /** Values of a token's vector in the answer. */
  static final int WIDTH = 384;

  /** The model in the folder that the build puts together. */
  static final String MODEL = "sentences";

  private static final long SEED = 5;

  private Sentence() {}

  /** Inputs of one sentence. */
  static List<Tensor> of(int tokens) {
    var random = new SplittableRandom(SEED + tokens);
    long[] ids = random.longs(tokens, 1_000, 30_000).toArray();
    ids[0] = 101;
    ids[tokens - 1] = 102;
    long[] ones = new long[tokens];
    Arrays.fill(ones, 1);
    return List.of(
        Tensor.longs("input_ids", ids),
        Tensor.longs("attention_mask", ones),
        Tensor.longs("token_type_ids", new long[tokens]));
  }
}
