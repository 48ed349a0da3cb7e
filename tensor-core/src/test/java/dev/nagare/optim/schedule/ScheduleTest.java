package dev.nagare.optim.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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

  @Test
  void stepFallsAfterEachPeriod() {
    var rate = new Step(0.8, 10, 0.5);
    assertThat(rate.at(0)).isEqualTo(0.8);
    assertThat(rate.at(9)).isEqualTo(0.8);
    assertThat(rate.at(10)).isEqualTo(0.4);
    assertThat(rate.at(39)).isEqualTo(0.1);
  }

  @Test
  void multiStepFallsAtItsMilestones() {
    var rate = new MultiStep(0.8, List.of(3L, 10L), 0.5);
    assertThat(rate.at(2)).isEqualTo(0.8);
    assertThat(rate.at(3)).isEqualTo(0.4);
    assertThat(rate.at(9)).isEqualTo(0.4);
    assertThat(rate.at(10)).isEqualTo(0.2);
    assertThat(rate.at(1L << 40)).isEqualTo(0.2);
    assertThat(new MultiStep(0.8, List.of(), 0.5).at(7)).isEqualTo(0.8);
  }

  @Test
  void exponentialFallsAtEachStep() {
    var rate = new Exponential(0.8, 0.5);
    assertThat(rate.at(0)).isEqualTo(0.8);
    assertThat(rate.at(3)).isEqualTo(0.1);
    assertThat(new Exponential(1, 0.999).at(1000)).isCloseTo(Math.pow(0.999, 1000), within(1e-15));
  }

  @Test
  void cosineRestartsFromTheTopWithLongerFalls() {
    var same = new CosineWarmRestarts(1, 0.2, 10, 1);
    var longer = new CosineWarmRestarts(1, 0.2, 10, 2);
    assertThat(same.at(5)).isCloseTo(0.6, within(1e-15));
    assertThat(same.at(10)).isEqualTo(1);
    assertThat(same.at(1_000_000_005)).isEqualTo(same.at(5));
    assertThat(longer.at(9)).isEqualTo(same.at(9));
    assertThat(longer.at(10)).isEqualTo(1);
    assertThat(longer.at(20)).isCloseTo(0.6, within(1e-15));
    assertThat(longer.at(30)).isEqualTo(1);
    assertThat(longer.at(50)).isCloseTo(0.6, within(1e-15));
    assertThat(longer.at(Long.MAX_VALUE)).isBetween(0.2, 1.0);
  }

  @Test
  void cosineWarmUpRisesFlatAtBothEnds() {
    var rate = new CosineWarmUp(4, new Exponential(0.8, 0.5));
    assertThat(rate.at(0)).isCloseTo(0.4 * (1 - Math.sqrt(0.5)), within(1e-15));
    assertThat(rate.at(1)).isCloseTo(0.4, within(1e-15));
    assertThat(rate.at(3)).isEqualTo(0.8);
    assertThat(rate.at(4)).isEqualTo(0.8);
    assertThat(rate.at(5)).isEqualTo(0.4);
    assertThat(new CosineWarmUp(0, new Constant(0.8)).at(0)).isEqualTo(0.8);
  }

  @Test
  void noamRisesAndFallsWithTheRoot() {
    var rate = new Noam(512, 4000, 2);
    for (long step : new long[] {0, 10, 3998, 3999, 4000, 100_000}) {
      double s = step + 1;
      double expected =
          2 * Math.pow(512, -0.5) * Math.min(Math.pow(s, -0.5), s * Math.pow(4000, -1.5));
      assertThat(rate.at(step)).isCloseTo(expected, within(1e-15));
    }
    assertThat(rate.at(3999)).isGreaterThan(rate.at(3998)).isGreaterThan(rate.at(4000));
  }

  @Test
  void oneCycleHasItsCornersWherePyTorchHasThem() {
    var rate = new OneCycle(1, 100);
    assertThat(rate.at(0)).isCloseTo(1 / 25.0, within(1e-15));
    assertThat(rate.at(29)).isEqualTo(1);
    assertThat(rate.at(64)).isCloseTo((1 + 4e-6) / 2, within(1e-15));
    assertThat(rate.at(99)).isCloseTo(4e-6, within(1e-18));
    assertThat(rate.at(1000)).isEqualTo(rate.at(99));
    double rising = 1 + (1 / 25.0 - 1) * (1 + Math.cos(Math.PI * 10 / 29)) / 2;
    assertThat(rate.at(10)).isCloseTo(rising, within(1e-15));
    // PyTorch begins to fall at step -1 where nothing rises.
    var fall = new OneCycle(1, 10, 0, 25, 1e4);
    assertThat(fall.at(0))
        .isCloseTo(4e-6 + (1 - 4e-6) * (1 + Math.cos(Math.PI / 10)) / 2, within(1e-15));
  }

  @Test
  void sequentialFollowsEachScheduleFromItsBeginning() {
    var rate =
        new Sequential(
            List.of(new Constant(0.3), new Exponential(0.8, 0.5), new Constant(0.1)),
            List.of(5L, 8L));
    assertThat(rate.at(4)).isEqualTo(0.3);
    assertThat(rate.at(5)).isEqualTo(0.8);
    assertThat(rate.at(7)).isEqualTo(0.2);
    assertThat(rate.at(8)).isEqualTo(0.1);
    assertThat(new Sequential(List.of(new Constant(0.3)), List.of()).at(7)).isEqualTo(0.3);
  }

  @Test
  void argumentsThatMakeNoScheduleAreRefused() {
    refused(() -> new Step(1, 0, 0.1), "step: expected a period > 0");
    refused(() -> new MultiStep(1, List.of(3L, 3L), 0.1), "multi-step: expected milestones");
    refused(() -> new MultiStep(1, List.of(0L), 0.1), "multi-step: expected milestones");
    refused(() -> new MultiStep(1, List.of(), Double.NaN), "multi-step: expected a factor");
    refused(() -> new Exponential(1, 0), "exponential: expected a factor > 0, got 0.0");
    refused(() -> new CosineWarmRestarts(1, 0, 5, 0), "a multiplier >= 1, got 5 and 0");
    refused(() -> new CosineWarmUp(-1, new Constant(1)), "cosine warm-up: steps must be 0");
    refused(() -> new Noam(512, 0, 1), "noam: expected a width > 0");
    refused(() -> new OneCycle(1, 100, 1, 25, 1e4), "one-cycle: expected steps >= 2");
    refused(() -> new Sequential(List.of(), List.of()), "got 0 schedules and 0 milestones");
    refused(
        () -> new Sequential(List.of(new Constant(1)), List.of(1L)),
        "got 1 schedules and 1 milestones");
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
