package dev.nagare.loadtest.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AgreementTest {
  private static final float[] OURS = {1, -2, 100, 4};

  @Test
  void aDifferenceIsTakenOfTheLargestOutput() {
    Agreement agreement = Agreement.ofScale(0.01);
    assertThat(allows(agreement, OURS, 1.9f, -2, 100, 4)).isTrue();
    assertThat(allows(agreement, OURS, 2.1f, -2, 100, 4)).isFalse();
  }

  @Test
  void theWorstRowHasTheCosine() {
    Agreement agreement = Agreement.cosine(0.999, 2);
    assertThat(allows(agreement, OURS, 2, -4, 50, 2)).isTrue();
    assertThat(allows(agreement, OURS, 1, -2, 100, 10)).isFalse();
  }

  @Test
  void whatIsNoNumberOrOfAnotherSizeNeverAgrees() {
    for (Agreement agreement :
        new Agreement[] {
          Agreement.within(1e9), Agreement.ofScale(1e9), Agreement.cosine(-1e9, 2)
        }) {
      assertThat(allows(agreement, OURS, Float.NaN, -2, 100, 4)).isFalse();
      assertThat(allows(agreement, OURS, 1, -2)).isFalse();
      assertThat(allows(agreement, OURS, 1, -2, 100, 4)).isTrue();
    }
    assertThat(allows(Agreement.cosine(0.9, 2), OURS, 0, 0, 100, 4)).isFalse();
  }

  private static boolean allows(Agreement agreement, float[] ours, float... theirs) {
    return agreement.allows(agreement.error().applyAsDouble(ours, theirs));
  }
}
