package dev.nagare.models.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PrequentialScoresTest {

  @Test
  void theWindowForgetsWhatHasLeftIt() {
    var scores = new PrequentialScores(2);
    assertThat(scores.windowed(0)).isZero();
    for (int i = 1; i <= 3; i++) {
      scores.add(new double[] {i, 2 * i, 0, 0, 0});
    }
    assertThat(scores.count()).isEqualTo(3);
    assertThat(scores.windowed(0)).isEqualTo(2.5);
    assertThat(scores.windowed(1)).isEqualTo(5);
  }

  @Test
  void theFadingMeanWeighsNewRowsMore() {
    var scores = new PrequentialScores(10);
    scores.add(new double[] {1, 0, 0, 0, 0});
    scores.add(new double[] {3, 0, 0, 0, 0});
    assertThat(scores.fading(0)).isCloseTo((0.999 + 3) / 1.999, within(1e-12));
  }
}
