package dev.nagare.oracle;

import dev.nagare.nn.RecurrentOptions;
import dev.nagare.nn.Rnn;
import dev.nagare.tensor.kernel.Recurrent.Activation;

/** {@link Rnn}: layers upon each other, both directions, rows that end early, carried states. */
class RnnOracleTest {
  private static final RecurrentOptions ONE = RecurrentOptions.PLAIN;
  private static final RecurrentOptions BOTH = ONE.withBidirectional(true);
  private static final RecurrentOptions STACK = ONE.withLayers(3);
  private static final RecurrentOptions STACK_BOTH = BOTH.withLayers(2);

  private static final RecurrentTorch TANH =
      new RecurrentTorch(
          "rnn_tanh", false, (factory, in, h, o) -> new Rnn(factory, in, h, Activation.TANH, o));

  private static final RecurrentTorch RELU =
      new RecurrentTorch(
          "rnn_relu", false, (factory, in, h, o) -> new Rnn(factory, in, h, Activation.RELU, o));

  @OracleTest
  void withTanhAStackAgrees(Candidate candidate) {
    TANH.agrees(candidate, ONE, 3, 6, 4, 9);
    TANH.agrees(candidate, STACK, 2, 5, 3, 7);
    TANH.agrees(candidate, STACK, 1, 4, 5, 16);
  }

  @OracleTest
  void withTanhBothDirectionsAgree(Candidate candidate) {
    TANH.agrees(candidate, BOTH, 3, 6, 4, 5);
    TANH.agrees(candidate, STACK_BOTH, 2, 5, 3, 8);
  }

  @OracleTest
  void withTanhRowsThatEndEarlyAgreeWithPackedOnes(Candidate candidate) {
    TANH.packedAgrees(candidate, ONE, 6, 4, 9, 6, 4, 4, 1);
    TANH.packedAgrees(candidate, STACK, 5, 3, 7, 2, 5, 1, 3);
  }

  @OracleTest
  void withTanhRowsThatEndEarlyAgreeWithPackedOnesInBothDirections(Candidate candidate) {
    TANH.packedAgrees(candidate, BOTH, 6, 4, 5, 6, 4, 4, 1);
    TANH.packedAgrees(candidate, STACK_BOTH, 7, 3, 17, 2, 5, 1, 3);
  }

  @OracleTest
  void withTanhAStateThatIsCarriedOnAgrees(Candidate candidate) {
    TANH.cutAgrees(candidate, ONE, 2, 3, 6);
    TANH.cutAgrees(candidate, STACK, 3, 4, 5);
  }

  @OracleTest
  void withReluAStackAgrees(Candidate candidate) {
    RELU.agrees(candidate, ONE, 3, 6, 4, 9);
    RELU.agrees(candidate, STACK, 2, 5, 3, 7);
    RELU.agrees(candidate, STACK, 1, 4, 5, 16);
  }

  @OracleTest
  void withReluBothDirectionsAgree(Candidate candidate) {
    RELU.agrees(candidate, BOTH, 3, 6, 4, 5);
    RELU.agrees(candidate, STACK_BOTH, 2, 5, 3, 8);
  }

  @OracleTest
  void withReluRowsThatEndEarlyAgreeWithPackedOnes(Candidate candidate) {
    RELU.packedAgrees(candidate, ONE, 6, 4, 9, 6, 4, 4, 1);
    RELU.packedAgrees(candidate, STACK, 5, 3, 7, 2, 5, 1, 3);
  }

  @OracleTest
  void withReluRowsThatEndEarlyAgreeWithPackedOnesInBothDirections(Candidate candidate) {
    RELU.packedAgrees(candidate, BOTH, 6, 4, 5, 6, 4, 4, 1);
    RELU.packedAgrees(candidate, STACK_BOTH, 7, 3, 17, 2, 5, 1, 3);
  }

  @OracleTest
  void withReluAStateThatIsCarriedOnAgrees(Candidate candidate) {
    RELU.cutAgrees(candidate, ONE, 2, 3, 6);
    RELU.cutAgrees(candidate, STACK, 3, 4, 5);
  }
}
