package dev.nagare.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.server.Doors;
import dev.nagare.server.FakeModel;
import dev.nagare.streaming.Terms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamRouteTest {
  private static final String REQUEST =
      "{\"id\":\"r\",\"inputs\":[{\"name\":\"window\",\"shape\":[1,1,1],\"datatype\":\"FP32\",\"data\":[1]}]}";

  private final Doors doors = Doors.open();

  @AfterEach
  void close() {
    doors.close();
  }

  @Test
  void streamsEventsToSubscribers() {
    try (var client = new StreamClient(doors, "nagare.v2")) {
      assertThat(client.socket.getSubprotocol()).isEqualTo("nagare.v2");
      client.send("{\"type\":\"subscribe\",\"id\":\"s\",\"model\":\"pulse\"}");
      assertThat(client.next().toString())
          .isEqualTo("{\"type\":\"subscribed\",\"model\":\"pulse\",\"id\":\"s\"}");
      JsonNode status = client.next();
      assertThat(status.get("type").asText()).isEqualTo("status");
      assertThat(status.get("lineage_offset").asLong()).isEqualTo(40);
      assertThat(status.get("degraded").isNull()).isTrue();
      assertThat(status.get("learning").asBoolean()).isTrue();
      assertThat(status.get("guards").get("loss-spike").asLong()).isEqualTo(1);
      assertThat(status.get("fenced").asLong()).isZero();
      assertThat(status.get("checkpoint_step").asLong()).isEqualTo(5);

      doors.model.emit(FakeModel.event(8));

      JsonNode event = client.next("event");
      assertThat(event.get("number").asLong()).isEqualTo(8);
      assertThat(event.get("version").asLong()).isEqualTo(8);
      assertThat(event.get("partition").asLong()).isZero();
      assertThat(event.get("offset").asLong()).isEqualTo(41);
      assertThat(event.get("truth").toString()).isEqualTo("[0.5,1.5,1000.0]");
      assertThat(event.get("scored_forecast").toString()).isEqualTo("[0.4,1.25,null]");
      assertThat(event.at("/windowed/repeat-last").asDouble()).isEqualTo(0.75);
      assertThat(event.has("missed")).isFalse();
    }
  }

  @Test
  void replaysWhatWasAskedFor() {
    for (int version = 1; version <= 5; version++) {
      doors.model.emit(FakeModel.event(version));
    }
    try (var client = new StreamClient(doors, null)) {
      client.send("{\"type\":\"subscribe\",\"history\":2}");
      assertThat(client.next("event").get("version").asLong()).isEqualTo(4);
      assertThat(client.next("event").get("version").asLong()).isEqualTo(5);
    }
  }

  @Test
  void stopsWhenUnsubscribed() {
    try (var client = new StreamClient(doors, "nagare.v2")) {
      client.send("{\"type\":\"subscribe\",\"model\":\"pulse\"}");
      client.next("subscribed");
      client.send("{\"type\":\"unsubscribe\",\"model\":\"pulse\"}");
      client.next("unsubscribed");
      doors.model.emit(FakeModel.event(9));
      client.send("{\"type\":\"infer\",\"model\":\"pulse\",\"request\":" + REQUEST + "}");
      assertThat(client.next().get("type").asText()).isEqualTo("prediction");
    }
  }

  @Test
  void answersRequests() {
    try (var client = new StreamClient(doors, "nagare.v2")) {
      client.send(
          "{ \"request\" : "
              + REQUEST
              + " , \"model\":\"pulse\", \"id\":\"q\\\"1\", \"type\":\"infer\"}");
      JsonNode prediction = client.next();
      assertThat(prediction.get("type").asText()).isEqualTo("prediction");
      assertThat(prediction.get("id").asText()).isEqualTo("q\"1");
      assertThat(prediction.at("/response/id").asText()).isEqualTo("r");
      assertThat(prediction.at("/response/model_version").asText()).isEqualTo("7");
      assertThat(prediction.at("/response/outputs/0/data").toString()).isEqualTo("[1.0,2.0,3.0]");
    }
  }

  @Test
  void whatAClosedSocketAskedIsNotWaitedFor() {
    CompletableFuture<Void> gate = doors.model.hold();
    try (var client = new StreamClient(doors, "nagare.v2")) {
      client.send("{\"type\":\"infer\",\"model\":\"pulse\",\"request\":" + REQUEST + "}");
      await().until(() -> doors.model.inferred() == 1);
      assertThat(asked().left()).isFalse();
    }
    await().until(() -> asked().left());
    gate.complete(null);
  }

  @Test
  void theProtocolsTimeoutAndPriorityAreTerms() {
    try (var client = new StreamClient(doors, "nagare.v2")) {
      client.say(
          "{'type':'infer','model':'pulse','request':{'parameters':{'timeout':60000000,'priority':3},"
              + REQUEST.substring(1).replace('"', '\'')
              + "}");
      client.next("prediction");
      assertThat(asked().limited()).isTrue();
      assertThat(asked().urgency()).isEqualTo(3);
      client.refused(
          "{'type':'infer','model':'pulse','request':{'parameters':{'timeout':-1},"
              + REQUEST.substring(1).replace('"', '\'')
              + "}",
          400,
          "parameter timeout");
      assertThat(doors.requests.usedBytes()).isZero();
    }
  }

  private Terms asked() {
    return Objects.requireNonNull(doors.model.asked());
  }

  @Test
  void saysWhatIsWrongWithAFrameAndGoesOn() {
    try (var client = new StreamClient(doors, "nagare.v2")) {
      client.refused("{", 400, "not JSON");
      client.refused("[]", 400, "expected a JSON object");
      client.refused("{} {}", 400, "got more");
      client.refused("{\"model\":\"pulse\"}", 400, "expected the member 'type'");
      client.refused("{\"type\":\"teach\"}", 400, "got 'teach'");
      client.refused("{\"type\":1}", 400, "expected a text as 'type'");
      client.refused("{\"type\":\"subscribe\",\"topic\":1}", 400, "got 'topic'");
      client.refused("{\"type\":\"subscribe\",\"model\":\"pluse\"}", 404, "served: pulse");
      client.refused("{\"type\":\"infer\",\"model\":\"pulse\"}", 400, "'request'");
      client.refused("{\"type\":\"infer\",\"model\":\"pulse\",\"request\":{}}", 400, "inputs");
      doors.model.refuse(429, "queue full");
      client.send(
          "{\"type\":\"infer\",\"id\":\"i\",\"model\":\"pulse\",\"request\":" + REQUEST + "}");
      JsonNode refusal = client.next();
      assertThat(refusal.get("status").asInt()).isEqualTo(429);
      assertThat(refusal.get("id").asText()).isEqualTo("i");
    }
  }

  @Test
  void tellsSubscribersToComeBackWhileStarting() {
    try (var starting = new Doors(Set.of(), Set.of(), 0);
        var client = new StreamClient(starting, "nagare.v2")) {
      client.refused("{\"type\":\"subscribe\"}", 503, "starting");
    }
  }

  @Test
  void readsNoFurtherWhileAnswersAreUnderWay() {
    CompletableFuture<Void> gate = doors.model.hold();
    try (var client = new StreamClient(doors, "nagare.v2")) {
      for (int i = 0; i < 200; i++) {
        client.send("{\"type\":\"infer\",\"model\":\"pulse\",\"request\":" + REQUEST + "}");
      }
      await().until(() -> doors.model.inferred() >= 64);
      gate.complete(null);
      for (int i = 0; i < 200; i++) {
        client.next("prediction");
      }
      assertThat(doors.model.inferred()).isEqualTo(200);
    }
  }

  @Test
  void upgradesOnlyItsOwnPages() throws Exception {
    assertThat(doors.get("/v2/stream").statusCode()).isEqualTo(426);
    assertThatThrownBy(() -> new StreamClient(doors, null, "Origin", "http://evil.example"))
        .hasRootCauseMessage("Unexpected HTTP response status code 403");
    new StreamClient(doors, null, "Origin", "http://127.0.0.1:" + doors.port()).close();
  }

  @Test
  void countsOpenSockets() {
    var client = new StreamClient(doors, null);
    await().untilAsserted(() -> assertThat(metrics()).contains("nagare_stream_sockets 1.0"));
    client.close();
    await().untilAsserted(() -> assertThat(metrics()).contains("nagare_stream_sockets 0.0"));
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
