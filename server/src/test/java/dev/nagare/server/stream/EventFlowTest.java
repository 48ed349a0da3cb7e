package dev.nagare.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.server.Doors;
import dev.nagare.server.FakeModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which events a subscription gets, and when: credits, coming back, being slow. */
class EventFlowTest {
  private static final String QUESTION =
      "{'type':'infer','model':'pulse','request':{'inputs':[{'name':'w','datatype':'FP32','shape':[1],'data':[1]}]}}";

  private final Doors doors = Doors.open();

  /** Sees everything at once, so that a test knows that the server has it. */
  private final StreamClient watcher = new StreamClient(doors, null);

  EventFlowTest() {
    watcher.say("{'type':'subscribe','model':'pulse'}");
    watcher.next("status");
  }

  @AfterEach
  void close() {
    watcher.close();
    doors.close();
  }

  @Test
  void asManyEventsAreSentAsThereAreCredits() {
    try (var client = new StreamClient(doors, null)) {
      client.say("{'type':'subscribe','model':'pulse','credits':2}");
      client.next("subscribed");
      emit(1, 5);
      assertNumbers(client, 1, 2);
      assertNoMore(client);

      client.say("{'type':'credit','model':'pulse','events':1}");
      assertNumbers(client, 3, 3);
      client.say("{'type':'credit','events':4}");
      assertNumbers(client, 4, 5);
      emit(6, 9);
      assertNumbers(client, 6, 7);
      assertNoMore(client);
    }
  }

  @Test
  void whatTheHistoryHasNoMoreIsToldWhenThereAreCreditsAgain() {
    try (var client = new StreamClient(doors, null)) {
      client.say("{'type':'subscribe','model':'pulse','credits':0}");
      client.next("subscribed");
      emit(1, History.MOST + 10);
      client.say("{'type':'credit','model':'pulse','events':2}");
      JsonNode first = client.next("event");
      assertThat(first.get("number").asLong()).isEqualTo(11);
      assertThat(first.get("missed").asLong()).isEqualTo(10);
      JsonNode second = client.next("event");
      assertThat(second.get("number").asLong()).isEqualTo(12);
      assertThat(second.has("missed")).isFalse();
      assertThat(metrics()).contains("nagare_stream_missed_events_total{model=\"pulse\"} 10");
    }
  }

  @Test
  void whoComesBackGetsExactlyWhatItHasNotHad() {
    emit(1, 3);
    try (var client = new StreamClient(doors, null)) {
      client.say("{'type':'subscribe','model':'pulse','history':2}");
      assertNumbers(client, 2, 3);
    }
    emit(4, 6);
    try (var client = new StreamClient(doors, null)) {
      client.say("{'type':'subscribe','model':'pulse','after':3}");
      assertNumbers(client, 4, 6);
      emit(7, 7);
      assertNumbers(client, 7, 7);
      client.say("{'type':'subscribe','model':'pulse','after':7}");
      client.next("subscribed");
      emit(8, 8);
      assertNumbers(client, 8, 8);
    }
  }

  @Test
  void whoComesBackTooLateIsToldHowManyAreGone() {
    emit(1, History.MOST + 7);
    try (var client = new StreamClient(doors, null)) {
      client.say("{'type':'subscribe','model':'pulse','after':3,'credits':1}");
      JsonNode first = client.next("event");
      assertThat(first.get("number").asLong()).isEqualTo(8);
      assertThat(first.get("missed").asLong()).isEqualTo(4);
    }
  }

  @Test
  void whoHadMoreThanThisProcessKnowsWaitsForWhatComesAfterIt() {
    emit(1, 2);
    try (var client = new StreamClient(doors, null)) {
      client.say("{'type':'subscribe','model':'pulse','after':4}");
      client.next("subscribed");
      emit(3, 5);
      assertNumbers(client, 5, 5);
    }
  }

  @Test
  void whatALearnerThatFellBackLearnsAgainIsNotSentAgain() {
    try (var client = new StreamClient(doors, null)) {
      client.say("{'type':'subscribe','model':'pulse'}");
      client.next("subscribed");
      emit(1, 5);
      for (int number = 4; number <= 6; number++) {
        doors.model.emit(FakeModel.event(number));
      }
      assertNumbers(client, 1, 6);
      client.say("{'type':'subscribe','model':'pulse','after':3}");
      assertNumbers(client, 4, 6);
    }
  }

  @Test
  void aSlowReaderMissesNothingThatItIsNotToldOf() {
    try (var client = new StreamClient(doors, "nagare.v2")) {
      client.say("{'type':'subscribe','model':'pulse'}");
      client.next("subscribed");
      client.reading = false; // the sender's socket buffer, ours and the write queue fill up
      long number = 0;
      while (!metrics().contains("nagare_stream_missed_events_total")
          || metrics().contains("nagare_stream_missed_events_total{model=\"pulse\"} 0")) {
        emit(number + 1, number + 200);
        number += 200;
      }
      client.read();
      long had = 0;
      while (had < number) {
        JsonNode event = client.next("event");
        assertThat(event.get("number").asLong()).isEqualTo(had + event.path("missed").asLong() + 1);
        had = event.get("number").asLong();
      }
      assertThat(client.missed.get()).isPositive();
    }
  }

  @Test
  void saysWhatIsWrongWithASubscription() {
    try (var client = new StreamClient(doors, null)) {
      client.refused("{'type':'subscribe','after':3}", 400, "'model' with 'after'");
      client.refused("{'type':'subscribe','model':'pulse','after':3,'history':1}", 400, "got both");
      client.refused("{'type':'subscribe','credits':-1}", 400, "from 0 up as 'credits'");
      client.refused(
          "{'type':'subscribe','model':'pulse','after':9223372036854775808}", 400, "as 'after'");
      client.refused(
          "{'type':'subscribe','model':'pulse','after':9223372036854775807}", 400, "as 'after'");
      client.refused("{'type':'credit','events':1}", 400, "with 'credits' before");
      client.say("{'type':'subscribe','model':'pulse'}");
      client.next("subscribed");
      client.refused("{'type':'credit','events':1}", 400, "gets every event anyway");
      client.refused("{'type':'credit','model':'pulse'}", 400, "'events'");
    }
  }

  /** Emits events and waits until the server has them all. */
  private void emit(long first, long last) {
    for (long number = first; number <= last; number++) {
      doors.model.emit(FakeModel.event(number));
      if (number % 100 == 0 || number == last) { // fewer than may be under way
        long seen = number;
        JsonNode event = watcher.next("event");
        while (event.get("number").asLong() < seen) {
          event = watcher.next("event");
        }
      }
    }
  }

  private static void assertNumbers(StreamClient client, long first, long last) {
    for (long number = first; number <= last; number++) {
      JsonNode event = client.next("event");
      assertThat(event.get("number").asLong()).isEqualTo(number);
      assertThat(event.has("missed")).isFalse();
    }
  }

  /** An answer comes next, and no event before it. */
  private static void assertNoMore(StreamClient client) {
    client.say(QUESTION);
    JsonNode next = client.next();
    while (next.get("type").asText().equals("status")) {
      next = client.next();
    }
    assertThat(next.get("type").asText()).isEqualTo("prediction");
  }

  private String metrics() {
    try {
      return doors.get("/metrics").body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
