package dev.nagare.loadtest.bench.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.loadtest.bench.learn.NabScore.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

class NabScoreTest {
  private static final int ROWS = 1000;
  private static final List<Window> WINDOWS = List.of(new Window(400, 419), new Window(700, 719));

  private static NabScore.Best best(int... alarms) {
    double[] scores = new double[ROWS];
    for (int alarm : alarms) {
      scores[alarm] = 1;
    }
    var score = new NabScore();
    score.add(scores, WINDOWS);
    return score.best();
  }

  @Test
  void anAlarmAtTheBeginningOfEachWindowIsPerfect() {
    NabScore.Best best = best(400, 700);
    assertThat(best.score()).isEqualTo(1);
    assertThat(best.found()).isEqualTo(2);
    assertThat(best.falseAlarms()).isZero();
  }

  @Test
  void silenceScoresZeroAndIsChosenWhenEveryAlarmIsFalse() {
    assertThat(best().score()).isZero();
    assertThat(best(300).score()).isZero();
    assertThat(best(300).falseAlarms()).isZero();
  }

  @Test
  void anAlarmAtTheEndOfAWindowIsWorthLess() {
    double last = 2 / (1 + Math.exp(-5.0 / 20)) - 1;
    double first = 2 / (1 + Math.exp(-5)) - 1;
    assertThat(best(400, 719).score()).isCloseTo((1 + last / first + 2) / 4, within(1e-12));
  }

  @Test
  void aFalseAlarmFarFromEveryWindowCostsElevenHundredths() {
    assertThat(best(300, 400, 700).score()).isCloseTo((2 - 0.11 + 2) / 4, within(1e-12));
  }

  @Test
  void theFirstSixthOfASeriesDoesNotCount() {
    assertThat(best(149, 400, 700).falseAlarms()).isZero();
    assertThat(best(150, 400, 700).falseAlarms()).isEqualTo(1);
  }
}
