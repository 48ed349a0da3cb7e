package dev.nagare.streaming.join;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PredictionIdTest {
  @Test
  void itIsReadBackAsItWasWritten() {
    var id = new PredictionId("a-7.predictions", 3, 1_234_567_890_123L);
    assertThat(id).hasToString("a-7.predictions-3-1234567890123");
    assertThat(PredictionId.parse(id.toString())).contains(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "--",
        "a",
        "a-1",
        "-1-2",
        "a-1-",
        "a-x-2",
        "a-1-+2",
        "a-01-2",
        "a-1-99999999999999999999"
      })
  void whatIsNoIdIsNone(String text) {
    assertThat(PredictionId.parse(text)).isEmpty();
  }
}
