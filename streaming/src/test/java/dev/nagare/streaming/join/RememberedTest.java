package dev.nagare.streaming.join;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.streaming.StreamingConfig.Joining;
import dev.nagare.streaming.StreamingConfig.Unfit;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RememberedTest {
  private static final byte[] VALUE = new byte[100];

  @Test
  void theOldestGiveWayWhenThereAreTooMany() {
    Remembered remembered = remembered(limits(3, 1 << 20, 1000), Set.of());
    for (int i = 0; i < 5; i++) {
      add(remembered, 10 + i, 0);
    }
    assertThat(offsets(remembered.forget())).containsExactly(10L, 11L);
    assertThat(remembered.floor()).isEqualTo(12);
    assertThat(remembered.find(11)).isNull();
    assertThat(remembered.find(12)).isNotNull();
    assertThat(remembered.waiting()).isEqualTo(3);
  }

  @Test
  void theOldestGiveWayWhenTheyAreTooLarge() {
    Remembered remembered = remembered(limits(100, 250, 1000), Set.of());
    for (int i = 0; i < 4; i++) {
      add(remembered, i, 0);
    }
    assertThat(offsets(remembered.forget())).containsExactly(0L, 1L);
  }

  @Test
  void theOldestGiveWayWhenTheRecordsTimeHasPassed() {
    Remembered remembered = remembered(limits(100, 1 << 20, 50), Set.of());
    add(remembered, 0, 1000);
    add(remembered, 1, 1040);
    assertThat(remembered.forget()).isEmpty();
    remembered.time(1051);
    assertThat(offsets(remembered.forget())).containsExactly(0L);
    remembered.time(900); // time does not go back
    assertThat(remembered.forget()).isEmpty();
  }

  @Test
  void whoHasALabelIsRememberedWithoutItsBytesAndForgottenInSilence() {
    Remembered remembered = remembered(limits(2, 150, 1000), Set.of());
    add(remembered, 0, 0);
    remembered.joined(Objects.requireNonNull(remembered.find(0)));
    add(remembered, 1, 0);
    assertThat(remembered.forget()).isEmpty(); // one value, not two
    assertThat(Objects.requireNonNull(remembered.find(0)).value).isNull();
    assertThat(remembered.waiting()).isEqualTo(1);
    add(remembered, 2, 0);
    assertThat(offsets(remembered.forget())).containsExactly(1L);
    assertThat(remembered.floor()).isEqualTo(2);
  }

  @Test
  void whoHadALabelBeforeTheRestartHasItNow() {
    Remembered remembered = remembered(limits(10, 1 << 20, 1000), Set.of(1L));
    add(remembered, 0, 0);
    add(remembered, 1, 0);
    assertThat(Objects.requireNonNull(remembered.find(1)).value).isNull();
    assertThat(remembered.waiting()).isEqualTo(1);
  }

  @Test
  void anOffsetSaysWhatIsForgottenWhateverComes() {
    long seed = new Random().nextLong();
    System.out.println("RememberedTest: seed " + seed);
    var random = new Random(seed);
    Remembered remembered = remembered(limits(20, 1000, 100), Set.of());
    long time = 0;
    long floor = 0;
    for (int offset = 0; offset < 2000; offset++) {
      time += random.nextInt(10);
      add(remembered, offset, time - random.nextInt(20));
      remembered.time(time);
      if (random.nextBoolean()) {
        var found = remembered.find(random.nextInt(offset + 1));
        if (found != null) {
          remembered.joined(found);
        }
      }
      for (Remembered.Prediction gone : remembered.forget()) {
        assertThat(gone.offset).as("seed %s", seed).isBetween(floor, remembered.floor() - 1);
      }
      assertThat(remembered.floor()).as("seed %s", seed).isGreaterThanOrEqualTo(floor);
      floor = remembered.floor();
      assertThat(remembered.waiting()).isLessThanOrEqualTo(10); // 1000 bytes
      for (long o = floor; o <= offset; o++) {
        assertThat(remembered.find(o)).as("seed %s offset %s", seed, o).isNotNull();
      }
    }
  }

  private static Remembered remembered(Joining limits, Set<Long> joined) {
    return new Remembered(limits, 0, new HashSet<>(joined));
  }

  private static void add(Remembered remembered, long offset, long timestamp) {
    remembered.add(offset, timestamp, 0, "", VALUE);
    remembered.time(timestamp);
    remembered.readTo(offset + 1);
  }

  private static List<Long> offsets(List<Remembered.Prediction> predictions) {
    return predictions.stream().map(prediction -> prediction.offset).toList();
  }

  private static Joining limits(int most, long bytes, long millis) {
    return new Joining(Duration.ofMillis(millis), most, bytes, Unfit.KEEP, Unfit.KEEP, -1);
  }
}
