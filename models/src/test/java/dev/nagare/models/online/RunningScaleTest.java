package dev.nagare.models.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.tensor.ProcessMemory;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunningScaleTest {

  @Test
  void startsWithPlainAverages() {
    try (var memory = new ProcessMemory("test")) {
      var scale = new Rows(memory, 1);
      for (float value : new float[] {2, 4, 6}) {
        scale.add(new float[] {value});
      }
      assertThat(scale.scale.mean.get(0)).isCloseTo(4, within(1e-12));
      assertThat(scale.scale.change.get(0)).isCloseTo(2, within(1e-12));
    }
  }

  @Test
  void aBurstDoesNotHideWhatIsUsual() {
    try (var memory = new ProcessMemory("test")) {
      var scale = new Rows(memory, 1);
      var random = new Random(1);
      for (int i = 0; i < 2000; i++) {
        scale.add(new float[] {(float) (1e6 + 1e5 * random.nextGaussian())});
      }
      double before = scale.scale.spread.get(0);
      scale.add(new float[] {1e9f});
      assertThat(scale.scale.spread.get(0)).isBetween(before, 1.1 * before);
    }
  }

  @Test
  void aNewScaleIsFollowedWithinMinutes() {
    try (var memory = new ProcessMemory("test")) {
      var scale = new Rows(memory, 1);
      var random = new Random(2);
      for (int i = 0; i < 2000; i++) {
        scale.add(new float[] {(float) random.nextGaussian()});
      }
      int rows = 0;
      while (scale.scale.spread.get(0) < 1e5) {
        scale.add(new float[] {(float) (1e6 * random.nextGaussian())});
        rows++;
      }
      System.out.println("six orders of magnitude followed after " + rows + " rows");
      assertThat(rows).isLessThan(1000);
    }
  }

  @Test
  void aValueThatNeverChangesHasNoScale() {
    try (var memory = new ProcessMemory("test")) {
      var scale = new Rows(memory, 2);
      for (int i = 0; i < 10; i++) {
        scale.add(new float[] {7e8f, i});
      }
      assertThat(scale.scale.spread.get(0)).isZero();
      assertThat(scale.scale.change.get(0)).isZero();
      assertThat(scale.scale.spread.get(1)).isPositive();
    }
  }

  @Test
  void changesAreMeasuredOverEachLag() {
    try (var memory = new ProcessMemory("test")) {
      var scale = new Rows(memory, 1, 1, 3);
      for (float value : new float[] {0, 1, 2, 0, 1, 2, 0, 1, 2, 0}) {
        scale.add(new float[] {value});
      }
      assertThat(scale.scale.change.get(0)).isCloseTo(12 / 9.0, within(1e-12));
      assertThat(scale.scale.change.get(1)).isZero();
    }
  }

  /** A scale with the rows that it looks back on. */
  private static final class Rows {
    final RunningScale scale;
    private final RowHistory history;

    Rows(ProcessMemory memory, int features) {
      this(memory, features, 1);
    }

    Rows(ProcessMemory memory, int features, int... lags) {
      scale = new RunningScale(memory, features, lags);
      history = new RowHistory(4, features);
    }

    void add(float[] row) {
      scale.add(row, history);
      history.add(row);
    }
  }
}
