package dev.nagare.oracle;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.TransformerDecoderLayer;
import dev.nagare.nn.TransformerEncoderLayer;
import dev.nagare.nn.TransformerOptions;
import dev.nagare.tensor.kernel.Attention.Mask;
import java.util.List;
import java.util.function.UnaryOperator;

/** {@link TransformerEncoderLayer} and {@link TransformerDecoderLayer} without dropout. */
class TransformerOracleTest {
  private static final String ALL = "None, 0., False";
  private static final String CAUSAL = "None, 0., True";

  @OracleTest
  void anEncoderLayerWithPostNormAgrees(Candidate candidate) {
    encoderAgrees(candidate, 2, 5, new TransformerOptions(12, 3, 20), "relu", Mask.NONE, ALL);
  }

  @OracleTest
  void anEncoderLayerWithPreNormAgrees(Candidate candidate) {
    var options = new TransformerOptions(12, 3, 20).withNormFirst(true);
    encoderAgrees(candidate, 2, 5, options, "relu", Mask.NONE, ALL);
  }

  @OracleTest
  void causalEncoderLayersWithAnotherActivationAgree(Candidate candidate) {
    for (boolean first : new boolean[] {false, true}) {
      UnaryOperator<Variable> tanh = Variable::tanh;
      var options = new TransformerOptions(16, 4, 24).withActivation(tanh).withNormFirst(first);
      encoderAgrees(candidate, 2, 6, options, "tanh", Mask.CAUSAL, CAUSAL);
    }
  }

  @OracleTest
  void decoderLayersAgree(Candidate candidate) {
    for (boolean first : new boolean[] {false, true}) {
      var options = new TransformerOptions(16, 2, 24).withNormFirst(first);
      decoderAgrees(candidate, options);
    }
  }

  private static void encoderAgrees(
      Candidate candidate,
      int n,
      int steps,
      TransformerOptions options,
      String activation,
      Mask mask,
      String theirs) {
    int e = options.features();
    var torch = new TransformerTorch(n, e, options.heads());
    if (options.normFirst()) {
      torch
          .let("a", torch.norm("x", "norm1"))
          .attention("a", "self_attn_", "a", steps, "a", "a", steps, theirs)
          .let("y", "x + a")
          .let("f", torch.norm("y", "norm2"))
          .let("z", "y + " + TransformerTorch.feedForward("f", activation));
    } else {
      torch
          .attention("a", "self_attn_", "x", steps, "x", "x", steps, theirs)
          .let("y", torch.norm("x + a", "norm1"))
          .let("f", TransformerTorch.feedForward("y", activation))
          .let("z", torch.norm("y + f", "norm2"));
    }
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", n, steps, e);
      var layer = oracle.includeStirred(new TransformerEncoderLayer(oracle.factory(), options));
      oracle.agree(torch.returning("z"), tape -> List.of(layer.forward(tape.watch(x), mask)));
    }
  }

  private static void decoderAgrees(Candidate candidate, TransformerOptions options) {
    int e = options.features();
    var torch = new TransformerTorch(2, e, options.heads());
    if (options.normFirst()) {
      torch
          .let("a", torch.norm("x", "norm1"))
          .attention("a", "self_attn_", "a", 5, "a", "a", 5, CAUSAL)
          .let("y", "x + a")
          .let("b", torch.norm("y", "norm2"))
          .attention("b", "multihead_attn_", "b", 5, "memory", "memory", 7, ALL)
          .let("z", "y + b")
          .let("f", torch.norm("z", "norm3"))
          .let("w", "z + " + TransformerTorch.feedForward("f", "relu"));
    } else {
      torch
          .attention("a", "self_attn_", "x", 5, "x", "x", 5, CAUSAL)
          .let("y", torch.norm("x + a", "norm1"))
          .attention("b", "multihead_attn_", "y", 5, "memory", "memory", 7, ALL)
          .let("z", torch.norm("y + b", "norm2"))
          .let("f", TransformerTorch.feedForward("z", "relu"))
          .let("w", torch.norm("z + f", "norm3"));
    }
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 2, 5, e);
      Parameter memory = oracle.operand("memory", 2, 7, e);
      var layer = oracle.includeStirred(new TransformerDecoderLayer(oracle.factory(), options));
      oracle.agree(
          torch.returning("w"),
          tape ->
              List.of(
                  layer.forward(tape.watch(x), tape.watch(memory), Mask.CAUSAL, Mask.NONE, null)));
    }
  }
}
