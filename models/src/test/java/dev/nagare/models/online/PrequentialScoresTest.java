package dev.nagare.models.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.models.online.PrequentialScores.Measure;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrequentialScoresTest {
  private static final List<String> NAMES = List.of("model", "no-change");

  @Test
  void theWindowForgetsWhatHasLeftIt() {
    var scores = new PrequentialScores(Measure.MAE, NAMES, 1, 2);
    assertThat(scores.windowed(0)).isZero();
    for (int i = 1; i <= 3; i++) {
      scores.add(new double[] {i, 2 * i});
    }
    assertThat(scores.count()).isEqualTo(3);
    assertThat(scores.windowed(0)).isEqualTo(2.5);
    assertThat(scores.windowed(1)).isEqualTo(5);
  }

  @Test
  void theFadingMeanWeighsNewRowsMore() {
    var scores = new PrequentialScores(Measure.MAE, NAMES, 1, 10);
    scores.add(new double[] {1, 0});
    scores.add(new double[] {3, 0});
    assertThat(scores.fading(0)).isCloseTo((0.999 + 3) / 1.999, within(1e-12));
  }

  @Test
  void skillIsTheShareOfTheBaselinesErrorThatIsAvoided() {
    var errors = new PrequentialScores(Measure.MAE, NAMES, 1, 4);
    assertThat(errors.windowedSkill()).isZero();
    errors.add(new double[] {1, 4});
    assertThat(errors.windowedSkill()).isEqualTo(0.75);

    var accuracy = new PrequentialScores(Measure.ACCURACY, NAMES, 1, 4);
    for (double right : new double[] {1, 1, 1, 0}) {
      accuracy.add(new double[] {right, 1 - right});
    }
    // kappa-temporal: (0.75 - 0.25) / (1 - 0.25)
    assertThat(accuracy.windowedSkill()).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(accuracy.fadingSkill()).isCloseTo(2 / 3.0, within(1e-2));
  }

  @Test
  void aBaselineWithoutErrorLeavesNothingToAvoid() {
    var accuracy = new PrequentialScores(Measure.ACCURACY, NAMES, 1, 4);
    accuracy.add(new double[] {0, 1});
    assertThat(accuracy.windowedSkill()).isZero();
  }
}
