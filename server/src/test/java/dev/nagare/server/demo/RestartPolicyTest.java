package dev.nagare.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final int KILLED = 128 + 9;

  private final RestartPolicy policy = new RestartPolicy();

  @Test
  void pausesDoubleUntilItGivesUp() {
    long pause = 200;
    for (int i = 0; i < RestartPolicy.LIMIT; i++) {
      assertThat(policy.afterEnd(KILLED, true, SHORT)).contains(Duration.ofMillis(pause));
      pause *= 2;
    }
    assertThat(policy.afterEnd(KILLED, true, SHORT)).isEmpty();
  }

  @Test
  void aChildThatRanForAMinuteStartsTheCountAgain() {
    for (int i = 0; i < 3 * RestartPolicy.LIMIT; i++) {
      assertThat(policy.afterEnd(1, true, Duration.ofMinutes(2))).contains(Duration.ofMillis(200));
    }
  }

  @Test
  void wrongUsageAndConfigurationAreFinal() {
    assertThat(policy.afterEnd(2, true, SHORT)).isEmpty();
  }

  @Test
  void aFailureBeforeItEverWorkedIsFinalButASignalIsNot() {
    assertThat(policy.afterEnd(1, false, SHORT)).isEmpty();
    assertThat(policy.afterEnd(KILLED, false, SHORT)).isPresent();
  }
}
