package dev.nagare.streaming.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RecentIdsTest {
  private final RecentIds ids = new RecentIds();

  @Test
  void anIdThatIsTooLongToBeRememberedIsRefusedBeforeItsCallIsMade() {
    byte[] value = {1};
    assertThatThrownBy(
            () ->
                ids.once(
                    "x".repeat(257),
                    value,
                    () -> {
                      throw new AssertionError("made");
                    }))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("id: expected at most 256 characters, got 257");
    var answer = new CompletableFuture<InferenceResponse>();
    assertThat(ids.once("x".repeat(256), value, () -> answer)).isNotDone();
    var again =
        ids.once(
            "x".repeat(256),
            value,
            () -> {
              throw new AssertionError("made again");
            });
    assertThat(again).isNotDone();
  }
}
