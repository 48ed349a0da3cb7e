package dev.nagare.oracle;

import dev.nagare.nn.LayerNorm;
import dev.nagare.nn.Parameter;

/** {@link LayerNorm}. */
class LayerNormOracleTest {

  @OracleTest
  void rowsAgree(Candidate candidate) {
    agrees(candidate, 1e-5, 5, 19);
    agrees(candidate, 1e-3, 1, 64);
    agrees(candidate, 0.1, 7, 2); // with less, nothing is left of two near numbers
  }

  @OracleTest
  void leadingAxesAreRows(Candidate candidate) {
    agrees(candidate, 1e-5, 2, 3, 4, 32);
    agrees(candidate, 1e-5, 9);
  }

  private static void agrees(Candidate candidate, double epsilon, long... dims) {
    int features = (int) dims[dims.length - 1];
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", dims);
      var layer = oracle.includeStirred(new LayerNorm(oracle.factory(), features, epsilon));
      oracle.agrees(
          "torch.layer_norm(x, [" + features + "], weight, bias, " + epsilon + ", False)",
          tape -> layer.forward(tape.watch(x)));
    }
  }
}
