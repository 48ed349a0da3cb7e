package dev.nagare.oracle;

import dev.nagare.autograd.LstmSequence;
import dev.nagare.nn.Lstm;
import dev.nagare.nn.Parameter;
import java.util.List;

/** {@link Lstm}, whose weights are libtorch's transposed. */
class LstmOracleTest {
  private static final String WEIGHTS =
      "[torch.t(weight_ih_l0), torch.t(weight_hh_l0), bias_ih_l0, bias_hh_l0]";

  @OracleTest
  void aLoneSequenceAgrees(Candidate candidate) {
    agrees(candidate, 1, 9, 5, 6);
  }

  @OracleTest
  void aBatchAgrees(Candidate candidate) {
    agrees(candidate, 5, 7, 8, 20);
  }

  @OracleTest
  void aSingleStepAgrees(Candidate candidate) {
    agrees(candidate, 3, 1, 4, 16);
  }

  @OracleTest
  void fromAZeroStateTheLastStepAgrees(Candidate candidate) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", 2, 6, 3);
      var lstm = oracle.include(new Lstm(oracle.factory(), 3, 10));
      oracle.agree(
          """
          zero = torch.zeros([1, 2, 10], dtype=7)
          y, h, c, = torch.lstm(x, [zero, zero], %s, True, 1, 0., True, False, True)
          return [torch.select(h, 0, 0)]"""
              .formatted(WEIGHTS),
          tape -> List.of(lstm.forward(tape.watch(x)).lastHidden()));
    }
  }

  private static void agrees(Candidate candidate, int n, int steps, int input, int hidden) {
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", n, steps, input);
      Parameter h0 = oracle.operand("h0", n, hidden);
      Parameter c0 = oracle.operand("c0", n, hidden);
      var lstm = oracle.include(new Lstm(oracle.factory(), input, hidden));
      oracle.agree(
          """
          states = [torch.unsqueeze(h0, 0), torch.unsqueeze(c0, 0)]
          y, h, c, = torch.lstm(x, states, %s, True, 1, 0., True, False, True)
          return [y, torch.select(h, 0, 0), torch.select(c, 0, 0)]"""
              .formatted(WEIGHTS),
          tape -> {
            LstmSequence.Result result = lstm.forward(tape.watch(x), h0, c0);
            return List.of(result.hidden(), result.lastHidden(), result.lastCell());
          });
    }
  }
}
