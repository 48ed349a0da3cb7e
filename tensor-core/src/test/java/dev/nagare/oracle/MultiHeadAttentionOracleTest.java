package dev.nagare.oracle;

import dev.nagare.nn.MultiHeadAttention;
import dev.nagare.nn.Parameter;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Attention.Mask;
import java.util.List;

/** {@link MultiHeadAttention} with its packed projection. */
class MultiHeadAttentionOracleTest {
  private static final String NO_MASK = "None, 0., False";

  @OracleTest
  void selfAttentionAgrees(Candidate candidate) {
    selfAgrees(candidate, 2, 5, 12, 3, Mask.NONE, NO_MASK);
    selfAgrees(candidate, 3, 1, 8, 2, Mask.NONE, NO_MASK);
  }

  @OracleTest
  void causalSelfAttentionAgrees(Candidate candidate) {
    selfAgrees(candidate, 2, 7, 32, 4, Mask.CAUSAL, "None, 0., True");
  }

  @OracleTest
  void selfAttentionToPaddedStepsAgrees(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 2, 3, 10);
      Tensor lengths = oracle.constant("lengths", DType.I64, Shape.of(2), 2, 3);
      oracle.constant("m", DType.BOOL, Shape.of(2, 1, 1, 3), 1, 1, 0, 1, 1, 1);
      var layer = oracle.includeStirred(new MultiHeadAttention(oracle.factory(), 10, 2));
      String mask = "torch.expand(torch.to(m, 11), [2, 1, 3, 3]), 0., False";
      oracle.agree(
          new TransformerTorch(2, 10, 2)
              .attention("y", "", "x", 3, "x", "x", 3, mask)
              .returning("y"),
          tape -> List.of(layer.forward(tape.watch(x), Mask.NONE.withLengths(lengths))));
    }
  }

  @OracleTest
  void crossAttentionAgrees(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 2, 4, 16);
      Parameter memory = oracle.operand("memory", 2, 7, 16);
      var layer = oracle.includeStirred(new MultiHeadAttention(oracle.factory(), 16, 4));
      oracle.agree(
          new TransformerTorch(2, 16, 4)
              .attention("y", "", "x", 4, "memory", "memory", 7, NO_MASK)
              .returning("y"),
          tape -> List.of(layer.cross(tape.watch(x), tape.watch(memory), Mask.NONE, null)));
    }
  }

  @OracleTest
  void keysAndValuesOfTheirOwnAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter q = oracle.operand("q", 3, 5, 9);
      Parameter k = oracle.operand("k", 3, 6, 9);
      Parameter v = oracle.operand("v", 3, 6, 9);
      var layer = oracle.includeStirred(new MultiHeadAttention(oracle.factory(), 9, 3));
      oracle.agree(
          new TransformerTorch(3, 9, 3)
              .attention("y", "", "q", 5, "k", "v", 6, NO_MASK)
              .returning("y"),
          tape ->
              List.of(layer.forward(tape.watch(q), tape.watch(k), tape.watch(v), Mask.NONE, null)));
    }
  }

  private static void selfAgrees(
      Candidate candidate, int n, int steps, int features, int heads, Mask mask, String theirs) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", n, steps, features);
      var layer = oracle.includeStirred(new MultiHeadAttention(oracle.factory(), features, heads));
      oracle.agree(
          new TransformerTorch(n, features, heads)
              .attention("y", "", "x", steps, "x", "x", steps, theirs)
              .returning("y"),
          tape -> List.of(layer.forward(tape.watch(x), mask)));
    }
  }
}
