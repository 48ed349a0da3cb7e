package dev.nagare.oracle;

import dev.nagare.nn.Lstm;
import dev.nagare.nn.RecurrentOptions;

/** {@link Lstm}: layers upon each other, both directions, rows that end early, carried states. */
class LstmLayersOracleTest {
  private static final RecurrentOptions ONE = RecurrentOptions.PLAIN;
  private static final RecurrentOptions BOTH = ONE.withBidirectional(true);
  private static final RecurrentOptions STACK = ONE.withLayers(3);
  private static final RecurrentOptions STACK_BOTH = BOTH.withLayers(2);

  private static final RecurrentTorch LSTM = new RecurrentTorch("lstm", true, Lstm::new);

  @OracleTest
  void aStackAgrees(Candidate candidate) {
    LSTM.agrees(candidate, ONE, 3, 6, 4, 9);
    LSTM.agrees(candidate, STACK, 2, 5, 3, 7);
    LSTM.agrees(candidate, STACK, 1, 4, 5, 16);
  }

  @OracleTest
  void bothDirectionsAgree(Candidate candidate) {
    LSTM.agrees(candidate, BOTH, 3, 6, 4, 5);
    LSTM.agrees(candidate, STACK_BOTH, 2, 5, 3, 8);
  }

  @OracleTest
  void rowsThatEndEarlyAgreeWithPackedOnes(Candidate candidate) {
    LSTM.packedAgrees(candidate, ONE, 6, 4, 9, 6, 4, 4, 1);
    LSTM.packedAgrees(candidate, STACK, 5, 3, 7, 2, 5, 1, 3);
  }

  @OracleTest
  void rowsThatEndEarlyAgreeWithPackedOnesInBothDirections(Candidate candidate) {
    LSTM.packedAgrees(candidate, BOTH, 6, 4, 5, 6, 4, 4, 1);
    LSTM.packedAgrees(candidate, STACK_BOTH, 7, 3, 17, 2, 5, 1, 3);
  }

  @OracleTest
  void aStateThatIsCarriedOnAgrees(Candidate candidate) {
    LSTM.cutAgrees(candidate, ONE, 2, 3, 6);
    LSTM.cutAgrees(candidate, STACK, 3, 4, 5);
  }
}
