package dev.nagare.streaming.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReservedParametersTest {
  @Test
  void aTimeoutInMicrosecondsIsAsLongInNanoseconds() {
    assertThat(of("timeout", 2_500_000).timeoutNanos()).isEqualTo(2_500_000_000L);
    assertThat(of("timeout", 0).timeoutNanos()).isZero();
  }

  @Test
  void aTimeoutBeyondWhatClocksCanCompareIsNone() {
    assertThat(of("timeout", Long.MAX_VALUE).timeoutNanos()).isZero();
    assertThat(of("timeout", new BigInteger("18446744073709551615")).timeoutNanos()).isZero();
  }

  @Test
  void aPriorityBeyondAnIntegerIsTheLastOfAll() {
    assertThat(of("priority", 3).urgency()).isEqualTo(3);
    assertThat(of("priority", Long.MAX_VALUE).urgency()).isEqualTo(Integer.MAX_VALUE);
  }

  private static ReservedParameters of(String name, Object value) {
    return ReservedParameters.of(Map.of(name, value));
  }
}
