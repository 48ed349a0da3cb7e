package dev.nagare.oracle;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Uniform;

/** {@link Variable#softmax} and {@link Variable#logSoftmax}. */
class SoftmaxOracleTest {
  private static final long[][] SHAPES = {{1}, {7}, {3, 16}, {5, 33}, {2, 3, 4, 5}};

  @OracleTest
  void softmaxAgrees(Candidate candidate) {
    for (long[] shape : SHAPES) {
      try (var oracle = new Oracle(candidate)) {
        Parameter x = oracle.operand("x", new Uniform(4), shape);
        oracle.agrees("torch.softmax(x, -1)", tape -> tape.watch(x).softmax());
      }
    }
  }

  @OracleTest
  void theLogarithmAgrees(Candidate candidate) {
    for (long[] shape : SHAPES) {
      try (var oracle = new Oracle(candidate)) {
        Parameter x = oracle.operand("x", new Uniform(4), shape);
        oracle.agrees("torch.log_softmax(x, -1)", tape -> tape.watch(x).logSoftmax());
      }
    }
  }

  @OracleTest
  void largeNumbersAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", new Uniform(1000), 4, 21);
      oracle.agrees("torch.softmax(x, -1)", tape -> tape.watch(x).softmax());
      oracle.agrees("torch.log_softmax(x, -1)", tape -> tape.watch(x).logSoftmax());
    }
  }
}
