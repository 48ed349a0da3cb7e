package dev.nagare.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SentenceVectorsTest {

  @Test
  void aUnitVectorHasLengthOne() {
    assertThat(SentenceVectors.unit(new float[] {3, 4}))
        .containsExactly(new float[] {0.6f, 0.8f}, within(1e-6f));
    assertThat(SentenceVectors.unit(new float[2])).containsExactly(0, 0);
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
    assertThatThrownBy(() -> SentenceVectors.cosine(new float[2], new float[3]))
        .hasMessage("cosine: expected as many elements, got 2 and 3");
  }
}
