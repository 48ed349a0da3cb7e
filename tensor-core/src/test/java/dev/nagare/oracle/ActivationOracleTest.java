package dev.nagare.oracle;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import java.util.function.UnaryOperator;

/** Element-wise functions. */
class ActivationOracleTest {

  @OracleTest
  void sigmoidAgrees(Candidate candidate) {
    agrees(candidate, "torch.sigmoid(x)", Variable::sigmoid);
  }

  @OracleTest
  void tanhAgrees(Candidate candidate) {
    agrees(candidate, "torch.tanh(x)", Variable::tanh);
  }

  @OracleTest
  void reluAgrees(Candidate candidate) {
    agrees(candidate, "torch.relu(x)", Variable::relu);
  }

  @OracleTest
  void expAgrees(Candidate candidate) {
    agrees(candidate, "torch.exp(x)", Variable::exp);
  }

  @OracleTest
  void absAgrees(Candidate candidate) {
    agrees(candidate, "torch.abs(x)", Variable::abs);
  }

  @OracleTest
  void squareAgrees(Candidate candidate) {
    agrees(candidate, "torch.square(x)", Variable::square);
  }

  @OracleTest
  void leakyReluAgrees(Candidate candidate) {
    agrees(candidate, "torch.leaky_relu(x, 0.2)", x -> x.leakyRelu(0.2));
  }

  @OracleTest
  void geluAgrees(Candidate candidate) {
    agrees(candidate, "torch.gelu(x, approximate=\"none\")", Variable::gelu);
  }

  @OracleTest
  void geluWithTanhAgrees(Candidate candidate) {
    agrees(candidate, "torch.gelu(x, approximate=\"tanh\")", x -> x.gelu(true));
  }

  @OracleTest
  void siluAgrees(Candidate candidate) {
    agrees(candidate, "torch.silu(x)", Variable::silu);
  }

  @OracleTest
  void hardSwishAgrees(Candidate candidate) {
    agrees(candidate, "torch.hardswish(x)", Variable::hardSwish);
  }

  @OracleTest
  void meanAgrees(Candidate candidate) {
    agrees(candidate, "torch.mean(x)", Variable::mean);
  }

  @OracleTest
  void dropoutOfNothingAgrees(Candidate candidate) {
    var random = new CounterRandom(1, 2, 3);
    agrees(candidate, "torch.dropout(x, 0., True)", x -> x.dropout(0, random));
  }

  @OracleTest
  void sumDifferenceAndProductAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 3, 11);
      Parameter y = oracle.operand("y", 3, 11);
      oracle.agrees(
          "(x + y) * (x - y) * y", tape -> tape.watch(x).add(y).mul(tape.watch(x).sub(y)).mul(y));
    }
  }

  @OracleTest
  void aMatrixProductAgrees(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter a = oracle.operand("a", 5, 33);
      Parameter b = oracle.operand("b", 33, 18);
      oracle.agrees("torch.mm(a, b)", tape -> tape.watch(a).matmul(b));
    }
  }

  private static void agrees(Candidate candidate, String theirs, UnaryOperator<Variable> ours) {
    try (var oracle = new Oracle(candidate)) {
      // Odd sizes leave a tail behind the vectors; ±4 reaches where sigmoid and tanh are flat.
      Parameter x = oracle.operand("x", new Uniform(4), 3, 37);
      oracle.agrees(theirs, tape -> ours.apply(tape.watch(x)));
    }
  }
}
