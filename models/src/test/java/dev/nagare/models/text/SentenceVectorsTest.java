package dev.nagare.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SentenceVectorsTest {

  @Test
  void theMeanOfTokensHasLengthOne() {
    float[] tokens = {1, 2, 5, 6};
    assertThat(SentenceVectors.mean(tokens, 2))
        .containsExactly(new float[] {0.6f, 0.8f}, within(1e-6f));
    assertThat(SentenceVectors.mean(new float[4], 2)).containsExactly(0, 0);
  }

  @Test
  void theCosineIsThatOfTheAngle() {
    float[] east = {2, 0};
    assertThat(SentenceVectors.cosine(east, new float[] {3, 3}))
        .isCloseTo(Math.sqrt(0.5), within(1e-12));
    assertThat(SentenceVectors.cosine(east, new float[] {-1, 0})).isEqualTo(-1);
    assertThat(SentenceVectors.cosine(east, new float[] {0, 7})).isEqualTo(0);
    assertThat(SentenceVectors.cosine(east, new float[2])).isEqualTo(0);
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    assertThatThrownBy(() -> SentenceVectors.mean(new float[5], 2))
        .hasMessage("mean: expected tokens of 2 elements, got 5 in all");
    assertThatThrownBy(() -> SentenceVectors.cosine(new float[2], new float[3]))
        .hasMessage("cosine: expected as many elements, got 2 and 3");
  }
}
