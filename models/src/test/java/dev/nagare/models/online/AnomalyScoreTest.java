package dev.nagare.models.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AnomalyScoreTest {

  @Test
  void tailProbabilitiesAreThoseOfTheNormalDistribution() {
    assertThat(AnomalyScore.upperTail(0)).isCloseTo(0.5, within(1e-7));
    assertThat(AnomalyScore.upperTail(1)).isCloseTo(0.158655254, within(1e-7));
    assertThat(AnomalyScore.upperTail(-1)).isCloseTo(0.841344746, within(1e-7));
    assertThat(AnomalyScore.upperTail(3)).isCloseTo(1.349898e-3, within(1e-9));
  }

  @Test
  void aRunOfLargeErrorsIsUnusualAndOrdinaryOnesAreNot() {
    var score = new AnomalyScore(5, 500, 100);
    var random = new Random(1);
    int alarms = 0;
    for (int i = 0; i < 2000; i++) {
      alarms += score.add(Math.abs(random.nextGaussian())) > 0.9999 ? 1 : 0;
    }
    assertThat(alarms).as("of 2000 ordinary errors").isLessThan(20);
    double last = 0;
    for (int i = 0; i < 5; i++) {
      last = score.add(3 + Math.abs(random.nextGaussian()));
    }
    assertThat(last).isGreaterThan(0.99999);
    assertThat(score.deviations()).isGreaterThan(5);
  }

  @Test
  void nothingIsSaidBeforeTheProbationEnds() {
    var score = new AnomalyScore(1, 10, 50);
    for (int i = 0; i < 50; i++) {
      assertThat(score.add(i % 7)).isZero();
    }
    assertThat(score.add(1e6)).isPositive();
  }

  @Test
  void aRestoredScoreGoesOnWithTheSameNumbers() throws IOException {
    var score = new AnomalyScore(3, 50, 10);
    var random = new Random(2);
    for (int i = 0; i < 200; i++) {
      score.add(random.nextDouble());
    }
    var bytes = new ByteArrayOutputStream();
    score.save(new DataOutputStream(bytes));
    var restored = new AnomalyScore(3, 50, 10);
    restored.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    for (int i = 0; i < 100; i++) {
      double error = random.nextDouble();
      assertThat(restored.add(error)).isEqualTo(score.add(error));
    }
  }

  @Test
  void settingsThatCannotWorkAreRefused() {
    assertThatThrownBy(() -> new AnomalyScore(0, 10, 0)).hasMessageContaining("shortRows >= 1");
    assertThatThrownBy(() -> new AnomalyScore(1, 1, 0)).hasMessageContaining("memory >= 2");
  }
}
