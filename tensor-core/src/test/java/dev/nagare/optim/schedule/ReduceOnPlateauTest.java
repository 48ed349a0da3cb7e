package dev.nagare.optim.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.optim.schedule.ReduceOnPlateau.Mode;
import dev.nagare.optim.schedule.ReduceOnPlateau.Options;
import dev.nagare.optim.schedule.ReduceOnPlateau.Threshold;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ReduceOnPlateauTest {
  private static final Options QUICK =
      new Options(Mode.MIN, 0.5, 2, 0.1, Threshold.ABSOLUTE, 1, 0.25);

  @Test
  void fallsWhenPatienceIsSpentAndNeverBelowTheMinimum() {
    var rate = new ReduceOnPlateau(1, QUICK);
    assertThat(rate.step(5)).isEqualTo(1);
    assertThat(rate.step(5)).isEqualTo(1);
    assertThat(rate.step(4.95)).as("better by less than the threshold").isEqualTo(1);
    assertThat(rate.step(Double.NaN)).as("third in a row").isEqualTo(0.5);
    assertThat(rate.step(5)).as("cools down").isEqualTo(0.5);
    assertThat(rate.step(5)).isEqualTo(0.5);
    assertThat(rate.step(5)).isEqualTo(0.5);
    assertThat(rate.step(5)).isEqualTo(0.25);
    for (int i = 0; i < 20; i++) {
      assertThat(rate.step(5)).isEqualTo(0.25);
    }
  }

  @Test
  void aNewBestBeginsTheCountAnew() {
    var rate = new ReduceOnPlateau(1, QUICK);
    for (double metric : new double[] {5, 5, 5, 4, 4, 4, 3, 3, 3, 2}) {
      assertThat(rate.step(metric)).isEqualTo(1);
    }
  }

  @Test
  void moreIsBetterWhereTheModeSaysSo() {
    var options = new Options(Mode.MAX, 0.1, 0, 0.1, Threshold.RELATIVE, 0, 0);
    var rate = new ReduceOnPlateau(1, options);
    assertThat(rate.step(10)).isEqualTo(1);
    assertThat(rate.step(11.1)).isEqualTo(1);
    assertThat(rate.step(12.2)).as("less than 10 % above 11.1").isEqualTo(0.1);
  }

  @Test
  void aRestoredOneGoesOnAsIfNothingHadBeen() throws IOException {
    double[] metrics = {5, 6, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 4};
    for (int cut = 0; cut < metrics.length; cut++) {
      var whole = new ReduceOnPlateau(1, QUICK);
      for (int i = 0; i < cut; i++) {
        whole.step(metrics[i]);
      }
      var bytes = new ByteArrayOutputStream();
      whole.save(new DataOutputStream(bytes));
      var restored = new ReduceOnPlateau(7, QUICK);
      restored.load(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
      assertThat(restored.rate()).isEqualTo(whole.rate());
      for (int i = cut; i < metrics.length; i++) {
        assertThat(restored.step(metrics[i]))
            .as("cut at %s", cut)
            .isEqualTo(whole.step(metrics[i]));
      }
      assertThat(whole.rate()).as("the metrics make it fall").isLessThan(1);
    }
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> new Options(Mode.MIN, 1, 0, 0, Threshold.ABSOLUTE, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("reduce on plateau: expected a factor in (0, 1)");
  }
}
