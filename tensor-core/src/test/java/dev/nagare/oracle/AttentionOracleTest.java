package dev.nagare.oracle;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Attention.Mask;

/** {@link Variable#attention}, whose heads are an axis of their own in libtorch. */
class AttentionOracleTest {

  /** Sizes of a call: sequences, queries, keys, all heads' features, heads. */
  private record Sizes(int n, int queries, int keys, int features, int heads) {
    String split(String x, int steps) {
      return "torch.transpose(torch.view(%s, [%d, %d, %d, %d]), 1, 2)"
          .formatted(x, n, steps, heads, features / heads);
    }

    String attention(String mask, boolean causal) {
      return "torch.reshape(torch.transpose(torch.scaled_dot_product_attention(%s, %s, %s, %s, 0.,"
              .formatted(split("q", queries), split("k", keys), split("v", keys), mask)
          + (causal ? " True" : " False")
          + "), 1, 2), [%d, %d, %d])".formatted(n, queries, features);
    }
  }

  private static final Sizes[] SIZES = {
    new Sizes(2, 5, 5, 12, 3),
    new Sizes(3, 4, 9, 32, 2),
    new Sizes(1, 7, 3, 6, 1),
    new Sizes(2, 1, 6, 8, 4),
    new Sizes(2, 17, 18, 64, 4)
  };

  @OracleTest
  void everyKeyIsSeen(Candidate candidate) {
    for (Sizes sizes : SIZES) {
      try (var oracle = new Oracle(candidate)) {
        agrees(oracle, sizes, Mask.NONE, sizes.attention("None", false));
      }
    }
  }

  @OracleTest
  void causalAttentionAgrees(Candidate candidate) {
    for (Sizes sizes : SIZES) {
      try (var oracle = new Oracle(candidate)) {
        agrees(oracle, sizes, Mask.CAUSAL, sizes.attention("None", true));
      }
    }
  }

  @OracleTest
  void paddedKeysAreNotSeen(Candidate candidate) {
    for (Sizes sizes : SIZES) {
      try (var oracle = new Oracle(candidate)) {
        double[] lengths = new double[sizes.n];
        double[] allowed = new double[sizes.n * sizes.keys];
        for (int i = 0; i < sizes.n; i++) {
          lengths[i] = 1 + (i + 1) % sizes.keys;
          for (int j = 0; j < lengths[i]; j++) {
            allowed[i * sizes.keys + j] = 1;
          }
        }
        oracle.constant("m", DType.BOOL, Shape.of(sizes.n, 1, 1, sizes.keys), allowed);
        Tensor of = oracle.constant("lengths", DType.I64, Shape.of(sizes.n), lengths);
        agrees(oracle, sizes, Mask.NONE.withLengths(of), sizes.attention(mask(sizes), false));
      }
    }
  }

  @OracleTest
  void causalAttentionToPaddedKeysAgrees(Candidate candidate) {
    Sizes sizes = new Sizes(3, 6, 6, 24, 2);
    try (var oracle = new Oracle(candidate)) {
      double[] lengths = {6, 2, 4};
      double[] allowed = new double[3 * 6 * 6];
      for (int at = 0; at < allowed.length; at++) {
        int key = at % 6;
        allowed[at] = key < lengths[at / 36] && key <= at / 6 % 6 ? 1 : 0;
      }
      oracle.constant("m", DType.BOOL, Shape.of(3, 1, 6, 6), allowed);
      Tensor of = oracle.constant("lengths", DType.I32, Shape.of(3), lengths);
      agrees(oracle, sizes, Mask.CAUSAL.withLengths(of), sizes.attention("torch.to(m, 11)", false));
    }
  }

  @OracleTest
  void addedMasksAgree(Candidate candidate) {
    for (Sizes sizes : SIZES) {
      for (Shape shape :
          new Shape[] {
            Shape.of(sizes.queries, sizes.keys),
            Shape.of(1, 1, sizes.queries, sizes.keys),
            Shape.of(sizes.n, 1, sizes.queries, sizes.keys),
            Shape.of(1, sizes.heads, sizes.queries, sizes.keys),
            Shape.of(sizes.n, sizes.heads, sizes.queries, sizes.keys)
          }) {
        try (var oracle = new Oracle(candidate)) {
          Tensor added = oracle.memory().empty(candidate.dtype(), shape);
          new Uniform(2).fill(added, new CounterRandom(3, 0, 0));
          oracle.constant("m", added);
          agrees(oracle, sizes, Mask.NONE.withAdded(added), sizes.attention("m", false));
        }
      }
    }
  }

  @OracleTest
  void truthValuesAgree(Candidate candidate) {
    for (Sizes sizes : SIZES) {
      try (var oracle = new Oracle(candidate)) {
        boolean[] allowed = new boolean[sizes.n * sizes.queries * sizes.keys];
        double[] numbers = new double[allowed.length];
        for (int i = 0; i < allowed.length; i++) {
          allowed[i] = i % sizes.keys == 0 || i * 7 % 5 < 2; // the first key always
          numbers[i] = allowed[i] ? 1 : 0;
        }
        long[] dims = {sizes.n, 1, sizes.queries, sizes.keys};
        oracle.constant("m", DType.BOOL, Shape.of(dims), numbers);
        Mask mask = Mask.NONE.withAllowed(oracle.memory(), candidate.dtype(), allowed, dims);
        agrees(oracle, sizes, mask, sizes.attention("torch.to(m, 11)", false));
      }
    }
  }

  /** One mask for all queries of a sequence. */
  private static String mask(Sizes sizes) {
    return "torch.expand(torch.to(m, 11), [%d, 1, %d, %d])"
        .formatted(sizes.n, sizes.queries, sizes.keys);
  }

  private static void agrees(Oracle oracle, Sizes sizes, Mask mask, String theirs) {
    Parameter q = oracle.operand("q", new Uniform(2), sizes.n, sizes.queries, sizes.features);
    Parameter k = oracle.operand("k", new Uniform(2), sizes.n, sizes.keys, sizes.features);
    Parameter v = oracle.operand("v", sizes.n, sizes.keys, sizes.features);
    oracle.agrees(theirs, tape -> tape.watch(q).attention(k, v, sizes.heads, mask));
  }
}
