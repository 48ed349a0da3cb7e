package dev.nagare.oracle;

import dev.nagare.nn.Gru;
import dev.nagare.nn.RecurrentOptions;

/** {@link Gru}: layers upon each other, both directions, rows that end early, carried states. */
class GruOracleTest {
  private static final RecurrentOptions ONE = RecurrentOptions.PLAIN;
  private static final RecurrentOptions BOTH = ONE.withBidirectional(true);
  private static final RecurrentOptions STACK = ONE.withLayers(3);
  private static final RecurrentOptions STACK_BOTH = BOTH.withLayers(2);

  private static final RecurrentTorch GRU = new RecurrentTorch("gru", false, Gru::new);

  @OracleTest
  void aStackAgrees(Candidate candidate) {
    GRU.agrees(candidate, ONE, 3, 6, 4, 9);
    GRU.agrees(candidate, STACK, 2, 5, 3, 7);
    GRU.agrees(candidate, STACK, 1, 4, 5, 16);
  }

  @OracleTest
  void bothDirectionsAgree(Candidate candidate) {
    GRU.agrees(candidate, BOTH, 3, 6, 4, 5);
    GRU.agrees(candidate, STACK_BOTH, 2, 5, 3, 8);
  }

  @OracleTest
  void rowsThatEndEarlyAgreeWithPackedOnes(Candidate candidate) {
    GRU.packedAgrees(candidate, ONE, 6, 4, 9, 6, 4, 4, 1);
    GRU.packedAgrees(candidate, STACK, 5, 3, 7, 2, 5, 1, 3);
  }

  @OracleTest
  void rowsThatEndEarlyAgreeWithPackedOnesInBothDirections(Candidate candidate) {
    GRU.packedAgrees(candidate, BOTH, 6, 4, 5, 6, 4, 4, 1);
    GRU.packedAgrees(candidate, STACK_BOTH, 7, 3, 17, 2, 5, 1, 3);
  }

  @OracleTest
  void aStateThatIsCarriedOnAgrees(Candidate candidate) {
    GRU.cutAgrees(candidate, ONE, 2, 3, 6);
    GRU.cutAgrees(candidate, STACK, 3, 4, 5);
  }
}
