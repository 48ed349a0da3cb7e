package dev.nagare.server.stream;

import static dev.nagare.server.LargeModel.MEMORY;
import static dev.nagare.server.LargeModel.OVER_SHARE;
import static dev.nagare.server.LargeModel.ROWS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.server.Doors;
import dev.nagare.server.LargeModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What answers take until their clients have read them, and that it is given back. */
class StreamAnswerMemoryTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Doors doors = Doors.open(MEMORY, Doors.MOST_SOCKETS);

  @AfterEach
  void everythingIsGivenBack() {
    doors.closeOnceAllIsGivenBack();
  }

  @Test
  void slowReadersTakeNoMoreThanThereIsAndOthersAreToldToComeAgain() throws Exception {
    List<RawSocket> slow = new ArrayList<>();
    for (int i = 1; i < 8; i++) {
      var socket = new RawSocket(doors);
      slow.add(socket);
      socket.sendText(frame(ROWS, true));
      long taken = (long) i * ROWS * LargeModel.ROW_BYTES;
      await().atMost(LONG).until(() -> doors.budget.taken() > taken); // with its JSON
    }
    try (var other = new StreamClient(doors, null)) {
      other.socket.sendText(frame(ROWS, true), true).join();
      JsonNode error = other.next("error");
      assertThat(error.get("status").asInt()).isEqualTo(429);
      assertThat(error.get("retry_after_ms").asLong()).isEqualTo(1000);
      assertThat(error.get("error").asText()).contains("server.memory-bytes");
      assertThat(doors.budget.taken()).isLessThanOrEqualTo(MEMORY);
      slow.forEach(RawSocket::abort);
      await().atMost(LONG).until(() -> doors.budget.taken() == 0);
      other.socket.sendText(frame(1, false), true).join();
      assertThat(other.next("prediction").at("/response/outputs/0/shape/1").asInt())
          .isEqualTo(LargeModel.ROW_BYTES / Float.BYTES);
    }
  }

  @Test
  void anAnswerThatCanNeverFitIsRefusedBeforeItIsComputedWithTheRemedy() throws Exception {
    try (var client = new StreamClient(doors, null)) {
      client.socket.sendText(frame(20, false), true).join();
      JsonNode error = client.next("error");
      assertThat(error.get("status").asInt()).isEqualTo(413);
      assertThat(error.get("error").asText())
          .contains("server.connection-answer-bytes", "binary_data: true");
    }
  }

  @Test
  void aSlowReaderHasItsShareAndAQuickClientBesideItLosesNothing() throws Exception {
    int rows = 5; // three such answers are a share
    try (var slow = new StreamClient(doors, null);
        var quick = new StreamClient(doors, null)) {
      slow.reading = false;
      for (int i = 0; i < 8; i++) {
        slow.send(frame(rows, true));
      }
      await().atMost(LONG).until(() -> doors.get("/metrics").body().contains(OVER_SHARE + " 5.0"));
      assertThat(doors.budget.taken()).isBetween(3L * rows * LargeModel.ROW_BYTES, MEMORY / 4);
      for (int i = 0; i < 10; i++) {
        quick.send(frame(15, true));
        assertThat(quick.nextBinary()).hasSizeGreaterThan(15 * LargeModel.ROW_BYTES);
      }
      assertThat(quick.frames).isEmpty();
      slow.read();
      for (int i = 0; i < 5; i++) {
        JsonNode error = slow.next("error");
        assertThat(error.get("status").asInt()).isEqualTo(429);
        assertThat(error.get("error").asText())
            .contains("server.connection-answer-bytes", "read them before asking for more");
      }
      for (int i = 0; i < 3; i++) {
        assertThat(slow.nextBinary()).hasSizeGreaterThan(rows * LargeModel.ROW_BYTES);
      }
      await().atMost(LONG).until(() -> doors.budget.taken() == 0);
      slow.send(frame(rows, true)); // it has read, and has its share again
      assertThat(slow.nextBinary()).hasSizeGreaterThan(rows * LargeModel.ROW_BYTES);
    }
  }

  private static String frame(int rows, boolean bytes) {
    return "{\"type\":\"infer\",\"model\":\"large\",\"request\":"
        + LargeModel.question(rows, bytes)
        + "}";
  }
}
