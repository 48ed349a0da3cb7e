package dev.nagare.loadtest.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplesTest {

  @Test
  void medianAndQuantilesAreOrderStatistics() {
    assertThat(new Samples(3, 1, 2).median()).isEqualTo(2);
    assertThat(new Samples(4, 1, 2, 3).median()).isEqualTo(2.5);
    Samples hundred = oneTo(100);
    assertThat(hundred.quantile(0.99)).isEqualTo(99);
    assertThat(hundred.quantile(1)).isEqualTo(100);
  }

  /** The table of the sign test: for n = 40 the 14th and the 27th value, for n = 30 the 10th. */
  @Test
  void intervalIsThatOfTheSignTest() {
    assertThat(oneTo(40).low()).isEqualTo(14);
    assertThat(oneTo(40).high()).isEqualTo(27);
    assertThat(oneTo(30).low()).isEqualTo(10);
    assertThat(oneTo(30).high()).isEqualTo(21);
    assertThat(oneTo(1).low()).isEqualTo(1);
  }

  @Test
  void intervalCoversTheMedianInNineteenOfTwentyCases() {
    var random = new SplittableRandom(7);
    int covered = 0;
    int cases = 2_000;
    for (int i = 0; i < cases; i++) {
      var samples = new Samples(random.doubles(40).map(u -> u * u).toArray());
      covered += samples.low() <= 0.25 && 0.25 <= samples.high() ? 1 : 0;
    }
    assertThat((double) covered / cases).as("seed 7").isBetween(0.95, 0.98);
  }

  @Test
  void noSamplesAreRefused() {
    assertThatThrownBy(Samples::new).isInstanceOf(IllegalArgumentException.class);
  }

  private static Samples oneTo(int n) {
    return new Samples(IntStream.rangeClosed(1, n).asDoubleStream().toArray());
  }
}
