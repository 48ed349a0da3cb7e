package dev.nagare.optim.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test
  void constantStays() {
    assertThat(new Constant(0.1).at(0)).isEqualTo(0.1);
    assertThat(new Constant(0.1).at(1L << 40)).isEqualTo(0.1);
  }

  @Test
  void warmUpRisesByEqualSteps() {
    var rate = new LinearWarmUp(4, new Constant(0.8));
    assertThat(rate.at(0)).isCloseTo(0.2, within(1e-15));
    assertThat(rate.at(1)).isCloseTo(0.4, within(1e-15));
    assertThat(rate.at(3)).isEqualTo(0.8);
    assertThat(rate.at(4)).isEqualTo(0.8);
    assertThat(new LinearWarmUp(0, new Constant(0.8)).at(0)).isEqualTo(0.8);
  }

  @Test
  void cosineFallsFromFirstToLastAndStays() {
    var rate = new Cosine(1, 0.2, 100);
    assertThat(rate.at(0)).isEqualTo(1);
    assertThat(rate.at(50)).isCloseTo(0.6, within(1e-15));
    assertThat(rate.at(25)).isCloseTo(0.6 + 0.4 * Math.sqrt(0.5), within(1e-15));
    assertThat(rate.at(100)).isEqualTo(0.2);
    assertThat(rate.at(1_000_000)).isEqualTo(0.2);
    assertThat(new Cosine(1, 0.2, 0).at(0)).isEqualTo(0.2);
  }

  @Test
  void warmUpThenCosineJoinsAtThePeak() {
    var rate = new LinearWarmUp(10, new Cosine(1, 0, 100));
    assertThat(rate.at(8)).isCloseTo(0.9, within(1e-15));
    assertThat(rate.at(9)).isEqualTo(1);
    assertThat(rate.at(10)).isEqualTo(1);
    assertThat(rate.at(60)).isCloseTo(0.5, within(1e-15));
    assertThat(rate.at(110)).isZero();
  }
}
