package dev.nagare.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.server.Doors;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What messages take while they are read, and that it is given back. */
class StreamMemoryTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int HALF = Doors.MEMORY_BYTES / 2;

  private final Doors doors = Doors.open();

  @AfterEach
  void everythingIsGivenBack() {
    doors.closeOnceAllIsGivenBack();
  }

  @Test
  void aMessageForWhichThereIsNoRoomIsRefusedAndTheConnectionGoesOn() throws Exception {
    try (var slow = new StreamClient(doors, null);
        var refused = new StreamClient(doors, null)) {
      slow.socket.sendText(" ".repeat(HALF), false).join();
      await().atMost(LONG).until(() -> doors.budget.taken() == HALF);
      refused.socket.sendText(" ".repeat(HALF), false).join();
      await().atMost(LONG).until(() -> doors.budget.taken() == 2 * HALF);
      refused.socket.sendText(" ", false).join();
      JsonNode error = refused.next("error");
      assertThat(error.get("status").asInt()).isEqualTo(429);
      assertThat(error.get("retry_after_ms").asLong()).isEqualTo(1000);
      assertThat(error.get("error").asText()).contains("server.memory-bytes");
      assertThat(doors.budget.taken()).isEqualTo(HALF);
      assertThat(doors.get("/metrics").body())
          .contains("nagare_refused_bodies_total{door=\"websocket\",reason=\"memory\"} 1.0");
      refused.socket.sendText("{\"type\":\"subscribe\"}", true).join(); // of what is skipped
      refused.say("{'type':'unsubscribe','model':'pulse'}");
      assertThat(refused.next().get("type").asText()).isEqualTo("unsubscribed");
      slow.socket.sendText("{\"type\":\"unsubscribe\",\"model\":\"pulse\"}", true).join();
      assertThat(slow.next().get("type").asText()).isEqualTo("unsubscribed");
      assertThat(doors.budget.taken()).isZero();
    }
  }

  @Test
  void whatAClientThatHasGoneBeganTakesNothing() {
    try (var gone = new StreamClient(doors, null)) {
      gone.socket.sendText(" ".repeat(HALF), false).join();
      await().atMost(LONG).until(() -> doors.budget.taken() == HALF);
    }
  }
}
