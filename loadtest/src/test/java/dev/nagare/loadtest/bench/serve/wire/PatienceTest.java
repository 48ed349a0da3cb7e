package dev.nagare.loadtest.bench.serve.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private static final Duration LENGTH = Duration.ofSeconds(10);
  private static final long MILLI = 1_000_000;

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - MILLI); // overflows, as it may

  @Test
  void itEndsAfterItsLength() {
    var patience = new Patience(LENGTH, clock::get);
    for (int i = 0; i < 999; i++) {
      assertThat(after(10, patience)).isTrue();
    }
    assertThat(after(10, patience)).isFalse();
  }

  @Test
  void itDoesNotPassWhileTheMachineStandsStill() {
    var patience = new Patience(LENGTH, clock::get);
    assertThat(after(60_000, patience)).isTrue();
    for (int i = 0; i < 98; i++) {
      assertThat(after(100, patience)).isTrue();
    }
    assertThat(after(100, patience)).isFalse();
  }

  private boolean after(long millis, Patience patience) {
    clock.addAndGet(millis * MILLI);
    return patience.isLeft();
  }
}
