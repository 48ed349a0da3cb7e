package dev.nagare.models.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanaryShareTest {
  @ParameterizedTest
  @ValueSource(doubles = {0.000_001, 0.01, 0.1, 0.25, 1.0 / 3, 0.5, 0.9, 1})
  void anyWindowHasItsShareToTheNextWholeNumber(double share) {
    var canary = new CanaryShare(2, share);
    int[] before = new int[3_001];
    for (int turn = 0; turn < 3_000; turn++) {
      before[turn + 1] = before[turn] + (canary.takes(999_000L + turn) ? 1 : 0); // over the period
    }
    double exact = Math.round(share * 1e6) / 1e6;
    for (int window = 1; window <= 1_000; window += 37) {
      for (int from = 0; from + window <= 3_000; from += 11) {
        int taken = before[from + window] - before[from];
        assertThat((double) taken)
            .as("%s of %s from %s", taken, window, from)
            .isBetween(Math.floor(exact * window - 1e-6), Math.ceil(exact * window + 1e-6));
      }
    }
  }

  @Test
  void aMillionRequestsHaveExactlyTheShareWhicheverIsTheFirst() {
    var canary = new CanaryShare(2, 0.123_456);
    for (long first : new long[] {0, 17, 9_000_000_000_000_000L}) {
      int taken = 0;
      for (long n = 0; n < 1_000_000; n++) {
        taken += canary.takes(first + n) ? 1 : 0;
      }
      assertThat(taken).isEqualTo(123_456);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.000_001, Double.NaN})
  void aShareIsAPartOfTheWhole(double share) {
    assertThatThrownBy(() -> new CanaryShare(2, share))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("share above 0, at most 1");
  }
}
