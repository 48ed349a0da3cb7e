package dev.nagare.oracle;

import dev.nagare.nn.Linear;
import dev.nagare.nn.Parameter;

/** {@link Linear}. */
class LinearOracleTest {

  @OracleTest
  void aBatchAgrees(Candidate candidate) {
    agrees(candidate, 7, 19);
  }

  @OracleTest
  void aLoneRowAgrees(Candidate candidate) {
    agrees(candidate, 1, 19);
  }

  @OracleTest
  void leadingAxesAreRows(Candidate candidate) {
    agrees(candidate, 2, 3, 19);
  }

  @OracleTest
  void theWidthsOfATransformerAgree(Candidate candidate) {
    agrees(candidate, 16, 64);
  }

  private static void agrees(Candidate candidate, long... dims) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", dims);
      var linear = oracle.include(new Linear(oracle.factory(), (int) dims[dims.length - 1], 33));
      oracle.agrees("torch.linear(x, weight, bias)", tape -> linear.forward(tape.watch(x)));
    }
  }
}
