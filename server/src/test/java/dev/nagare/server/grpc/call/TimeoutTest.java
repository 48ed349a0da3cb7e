package dev.nagare.server.grpc.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeoutTest {
  private static final long MICRO = 1000;

  @ParameterizedTest(name = "{0} µs given, {1} µs left: over {2}")
  @CsvSource({
    "1000000, 990000, false", // left early
    "1000000, 10001, false",
    "1000000, 9999, true", // as good as at the end
    "1000000, -5000, true",
    "10000, 10000, false", // short, and left at once
    "10000, 5001, false",
    "10000, 4999, true",
    "1000, 900, false",
    "1000, 499, true",
    "1000, 0, true",
  })
  void whoEndsACallHasRunOutOfTimeOnlyNearItsEnd(long given, long left, boolean over) {
    assertThat(Timeout.isOver(given * MICRO, left * MICRO)).isEqualTo(over);
  }
}
