package dev.nagare.oracle;

import dev.nagare.autograd.Variable;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Tensor;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/** Arithmetic of operands that are broadcast, in any strides. */
class BroadcastOracleTest {
  private static final long[][][] PAIRS = {
    {{3, 5}, {3, 5}},
    {{4, 1, 6}, {3, 1}},
    {{2, 3, 17}, {17}},
    {{1}, {2, 3, 4, 5}},
    {{2, 1, 4, 1}, {1, 3, 1, 5}},
    {{7}, {}}
  };

  /** Whole numbers of which many are equal. */
  private static final Initializer TIES =
      (tensor, random) -> {
        for (long i = 0; i < tensor.elements(); i++) {
          tensor.set(i, (double) (i * i % 3));
        }
      };

  /** Numbers from 0.5 to 2.5. */
  private static final Initializer POSITIVE = BroadcastOracleTest::positive;

  private static void positive(Tensor tensor, CounterRandom random) {
    new Uniform(1).fill(tensor, random);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, 1.5 + tensor.get(i));
    }
  }

  @OracleTest
  void sumsDifferencesAndProductsAgree(Candidate candidate) {
    agrees(candidate, new Uniform(1), "x + y", Variable::add);
    agrees(candidate, new Uniform(1), "x - y", Variable::sub);
    agrees(candidate, new Uniform(1), "x * y", Variable::mul);
  }

  @OracleTest
  void quotientsAgree(Candidate candidate) {
    agrees(candidate, POSITIVE, "x / y", Variable::div);
  }

  @OracleTest
  void powersAgree(Candidate candidate) {
    agrees(candidate, POSITIVE, "torch.pow(x, y)", Variable::pow);
  }

  @OracleTest
  void powersOfANumberAgree(Candidate candidate) {
    for (double exponent : new double[] {2, 3, 0.5, -1.5, 1}) {
      function(candidate, POSITIVE, "torch.pow(x, " + exponent + ")", x -> x.pow(exponent));
    }
  }

  @OracleTest
  void wholePowersOfNegativeNumbersAgree(Candidate candidate) {
    function(candidate, new Uniform(2), "torch.pow(x, 3.)", x -> x.pow(3));
    function(candidate, TIES, "torch.pow(x, 2.)", x -> x.pow(2)); // of 0 too
  }

  @OracleTest
  void theLargerAndTheSmallerAgree(Candidate candidate) {
    agrees(candidate, new Uniform(1), "torch.maximum(x, y)", Variable::maximum);
    agrees(candidate, new Uniform(1), "torch.minimum(x, y)", Variable::minimum);
  }

  @OracleTest
  void equalOperandsShareTheGradient(Candidate candidate) {
    agrees(candidate, TIES, "torch.maximum(x, y)", Variable::maximum);
    agrees(candidate, TIES, "torch.minimum(x, y)", Variable::minimum);
  }

  @OracleTest
  void aChoiceByAConditionAgrees(Candidate candidate) {
    agrees(
        candidate,
        new Uniform(1),
        "torch.where(torch.lt(x, y), x * y, y)",
        (x, y) -> Variable.where(x.lt(y), x.mul(y), y));
    agrees(
        candidate,
        TIES,
        "torch.where(torch.ge(x, y), x, y * 3)",
        (x, y) -> Variable.where(x.ge(y), x, y.mul(3)));
  }

  @OracleTest
  void clampAgrees(Candidate candidate) {
    function(candidate, new Uniform(2), "torch.clamp(x, -0.5, 1.)", x -> x.clamp(-0.5, 1));
    function(candidate, TIES, "torch.clamp(x, 1., 1.5)", x -> x.clamp(1, 1.5)); // at the limit too
    function(
        candidate,
        new Uniform(2),
        "torch.clamp(x, None, 0.25)",
        x -> x.clamp(Double.NEGATIVE_INFINITY, 0.25));
  }

  @OracleTest
  void functionsOfOneOperandAgree(Candidate candidate) {
    function(candidate, POSITIVE, "torch.sqrt(x)", Variable::sqrt);
    function(candidate, POSITIVE, "torch.log(x)", Variable::log);
    function(candidate, new Uniform(1), "torch.neg(x)", Variable::neg);
    function(candidate, new Uniform(1), "(x + 3.) * -0.5", x -> x.add(3).mul(-0.5));
  }

  @OracleTest
  void operandsInAnotherOrderAgree(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", POSITIVE, 4, 6, 3);
      Parameter y = oracle.operand("y", POSITIVE, 9, 4);
      oracle.agrees(
          "torch.permute(x, [2, 0, 1]) / torch.unsqueeze(torch.narrow(torch.t(y), 1, 1, 6), 0)",
          tape ->
              tape.watch(x)
                  .permute(2, 0, 1)
                  .div(tape.watch(y).transpose(0, 1).narrow(1, 1, 6).unsqueeze(0)));
    }
  }

  private static void agrees(
      Candidate candidate, Initializer values, String theirs, BinaryOperator<Variable> ours) {
    for (long[][] pair : PAIRS) {
      try (var oracle = new Oracle(candidate)) {
        Parameter x = oracle.operand("x", values, pair[0]);
        Parameter y = oracle.operand("y", values, pair[1]);
        oracle.agrees(theirs, tape -> ours.apply(tape.watch(x), tape.watch(y)));
        oracle.agrees(
            theirs.replaceAll("\\bx\\b", "!").replaceAll("\\by\\b", "x").replace("!", "y"),
            tape -> ours.apply(tape.watch(y), tape.watch(x)));
      }
    }
  }

  private static void function(
      Candidate candidate, Initializer values, String theirs, UnaryOperator<Variable> ours) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", values, 3, 37);
      oracle.agrees(theirs, tape -> ours.apply(tape.watch(x)));
      oracle.agrees(
          theirs.replaceAll("\\bx\\b", "torch.t(x)"),
          tape -> ours.apply(tape.watch(x).transpose(0, 1)));
    }
  }
}
