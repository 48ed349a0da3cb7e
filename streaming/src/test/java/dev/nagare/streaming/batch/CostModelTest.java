package dev.nagare.streaming.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CostModelTest {
  private final CostModel cost = new CostModel();

  @Test
  void knowsNothingBeforeTheFirstBatch() {
    assertThat(cost.nanos(100)).isZero();
    assertThat(cost.workWithin(1)).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest(name = "{0} a row and {1} a batch, seed {2}")
  @CsvSource({"1000, 500000, 1", "50000, 20000, 2", "2000000, 1, 3", "1, 300000, 4"})
  void findsBothCostsInNoise(double a, double b, long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      int n = 1 + random.nextInt(64);
      cost.observe(n, (long) ((a * n + b) * (0.95 + 0.1 * random.nextDouble())));
    }
    for (int n : new int[] {1, 16, 64}) {
      // The error of a line through noise is one of its whole range, not of each point.
      assertThat((double) cost.nanos(n)).isCloseTo(a * n + b, within(0.03 * (a * 64 + b)));
    }
    assertThat(cost.deviation()).isBetween(0.0, 0.1);
  }

  @Test
  void expectsMoreOfLargerBatchesWhileItHasSeenOneSizeOnly() {
    for (int i = 0; i < 20; i++) {
      cost.observe(1, 1_000);
    }
    assertThat(cost.nanos(1)).isCloseTo(1_000, withinPercentage(1));
    assertThat(cost.nanos(8)).isBetween(1_000L, 8_100L);
    for (int i = 0; i < 50; i++) {
      cost.observe(8, 1_700);
    }
    assertThat(cost.nanos(8)).isCloseTo(1_700, withinPercentage(5));
  }

  @Test
  void isNotSpoiltByTheFirstBatchNorByAPause() {
    cost.observe(4, 900_000_000); // kernels were compiled
    for (int i = 0; i < 30; i++) {
      cost.observe(1 + i % 8, 10_000L * (1 + i % 8) + 20_000);
    }
    assertThat(cost.nanos(4)).isCloseTo(60_000, withinPercentage(5));
    cost.observe(4, 5_000_000_000L);
    assertThat(cost.nanos(4)).isLessThan(80_000);
  }

  @Test
  void followsAModelThatBecameSlowerOrQuicker() {
    for (int i = 0; i < 200; i++) {
      cost.observe(1 + i % 8, 10_000L * (1 + i % 8));
    }
    for (int i = 0; i < 300; i++) {
      cost.observe(1 + i % 8, 100_000L * (1 + i % 8));
    }
    assertThat(cost.nanos(8)).isCloseTo(800_000, withinPercentage(10));
    for (int i = 0; i < 16; i++) {
      cost.observe(1 + i % 8, 10_000L * (1 + i % 8));
    }
    assertThat(cost.nanos(8)).isCloseTo(80_000, withinPercentage(15));
  }

  @Test
  void neverSaysThatWorkCostsLessThanNothing() {
    var random = new Random(7);
    for (int i = 0; i < 1_000; i++) {
      cost.observe(1 + random.nextInt(3), 1 + random.nextInt(1_000_000));
      assertThat(cost.slopeNanos()).isNotNegative();
      assertThat(cost.fixedNanos()).isNotNegative();
      assertThat(cost.nanos(1)).isPositive();
    }
  }

  @Test
  void saysHowMuchWorkFitsInATime() {
    for (int i = 0; i < 200; i++) {
      int n = 1 + i % 16;
      cost.observe(n, 1_000L * n + 4_000);
    }
    assertThat(cost.workWithin(10_000)).isBetween(5L, 7L);
    // No batch is so quick: as large as makes the fixed part half of it.
    assertThat(cost.workWithin(1_000)).isBetween(3L, 5L);
  }
}
