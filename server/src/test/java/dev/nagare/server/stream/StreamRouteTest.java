package dev.nagare.server.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.Doors;
import dev.nagare.server.FakeModel;
import dev.nagare.streaming.Terms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamRouteTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REQUEST =
      "{\"id\":\"r\",\"inputs\":[{\"name\":\"window\",\"shape\":[1,1,1],\"datatype\":\"FP32\",\"data\":[1]}]}";

  private final Doors doors = Doors.open();

  @AfterEach
  void close() {
    doors.close();
  }

  @Test
  void streamsEventsToSubscribers() {
    try (var client = new Client(doors, "nagare.v2")) {
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
      assertThat(event.get("version").asLong()).isEqualTo(8);
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
    try (var client = new Client(doors, null)) {
      client.send("{\"type\":\"subscribe\",\"history\":2}");
      assertThat(client.next("event").get("version").asLong()).isEqualTo(4);
      assertThat(client.next("event").get("version").asLong()).isEqualTo(5);
    }
  }

  @Test
  void stopsWhenUnsubscribed() {
    try (var client = new Client(doors, "nagare.v2")) {
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
    try (var client = new Client(doors, "nagare.v2")) {
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
    try (var client = new Client(doors, "nagare.v2")) {
      client.send("{\"type\":\"infer\",\"model\":\"pulse\",\"request\":" + REQUEST + "}");
      await().until(() -> doors.model.inferred() == 1);
      assertThat(asked().left()).isFalse();
    }
    await().until(() -> asked().left());
    gate.complete(null);
  }

  private Terms asked() {
    return Objects.requireNonNull(doors.model.asked());
  }

  @Test
  void saysWhatIsWrongWithAFrameAndGoesOn() {
    try (var client = new Client(doors, "nagare.v2")) {
      assertRefused(client, "{", 400, "not JSON");
      assertRefused(client, "[]", 400, "expected a JSON object");
      assertRefused(client, "{} {}", 400, "got more");
      assertRefused(client, "{\"model\":\"pulse\"}", 400, "expected the member 'type'");
      assertRefused(client, "{\"type\":\"learn\"}", 400, "got 'learn'");
      assertRefused(client, "{\"type\":1}", 400, "expected a text as 'type'");
      assertRefused(client, "{\"type\":\"subscribe\",\"topic\":1}", 400, "got 'topic'");
      assertRefused(client, "{\"type\":\"subscribe\",\"model\":\"pluse\"}", 404, "served: pulse");
      assertRefused(client, "{\"type\":\"infer\",\"model\":\"pulse\"}", 400, "'request'");
      assertRefused(
          client, "{\"type\":\"infer\",\"model\":\"pulse\",\"request\":{}}", 400, "inputs");
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
        var client = new Client(starting, "nagare.v2")) {
      assertRefused(client, "{\"type\":\"subscribe\"}", 503, "starting");
    }
  }

  @Test
  void dropsEventsForASlowSocketAndTellsHowMany() {
    try (var client = new Client(doors, "nagare.v2")) {
      client.send("{\"type\":\"subscribe\",\"model\":\"pulse\"}");
      client.next("subscribed");
      client.reading = false; // the sender's socket buffer, ours and the write queue fill up
      long version = 100;
      while (!metrics().contains("nagare_stream_missed_events_total{model=\"pulse\"} 5")) {
        for (int i = 0; i < 50; i++) {
          doors.model.emit(FakeModel.event(version++));
        }
      }
      client.read();
      long sent = version;
      await()
          .until(
              () -> {
                doors.model.emit(FakeModel.event(sent));
                return client.missed.get() >= 5;
              });
    }
  }

  @Test
  void readsNoFurtherWhileAnswersAreUnderWay() {
    CompletableFuture<Void> gate = doors.model.hold();
    try (var client = new Client(doors, "nagare.v2")) {
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
  void closesSocketsThatSendTooMuchOrBinary() {
    try (var client = new Client(doors, "nagare.v2")) {
      client.socket.sendBinary(ByteBuffer.allocate(3), true).join();
      assertThat(client.closed.join()).isEqualTo(1003);
    }
    try (var client = new Client(doors, "nagare.v2")) {
      client.socket.sendText(" ".repeat(1 << 17), true).exceptionally(gone -> client.socket).join();
      assertThat(client.closed.join()).isEqualTo(1009);
    }
    assertThat(doors.model.inferred()).isZero();
  }

  @Test
  void closesWithGoingAwayOnDrain() {
    try (var client = new Client(doors, "nagare.v2")) {
      client.send("{\"type\":\"subscribe\"}");
      client.next("subscribed");
      doors.serving.drain();
      doors.drainStream();
      assertThat(client.closed.join()).isEqualTo(1001);
    }
    assertThatThrownBy(() -> new Client(doors, null)).isInstanceOf(CompletionException.class);
  }

  @Test
  void upgradesOnlyItsOwnPages() throws Exception {
    assertThat(doors.get("/v2/stream").statusCode()).isEqualTo(426);
    assertThatThrownBy(() -> new Client(doors, null, "Origin", "http://evil.example"))
        .hasRootCauseMessage("Unexpected HTTP response status code 403");
    new Client(doors, null, "Origin", "http://127.0.0.1:" + doors.port()).close();
  }

  @Test
  void countsOpenSockets() {
    var client = new Client(doors, null);
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

  private static void assertRefused(Client client, String frame, int status, String sentence) {
    client.send(frame);
    JsonNode refusal = client.next();
    assertThat(refusal.get("type").asText()).isEqualTo("error");
    assertThat(refusal.get("status").asInt()).as(frame).isEqualTo(status);
    assertThat(refusal.get("error").asText()).contains(sentence);
  }

  /** A client that can stop reading. */
  private static final class Client implements WebSocket.Listener, AutoCloseable {
    final BlockingQueue<JsonNode> frames = new LinkedBlockingQueue<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    final WebSocket socket;
    private final StringBuilder text = new StringBuilder();
    volatile boolean reading = true;
    final AtomicLong missed = new AtomicLong();

    Client(Doors doors, @Nullable String subprotocol, String... header) {
      var builder = doors.client.newWebSocketBuilder();
      if (subprotocol != null) {
        builder.subprotocols(subprotocol);
      }
      if (header.length > 0) {
        builder.header(header[0], header[1]);
      }
      socket =
          builder
              .buildAsync(URI.create("ws://127.0.0.1:" + doors.port() + "/v2/stream"), this)
              .join();
    }

    void send(String frame) {
      socket.sendText(frame, true).join();
    }

    void read() {
      reading = true;
      socket.request(1);
    }

    JsonNode next() {
      try {
        JsonNode frame = frames.poll(20, TimeUnit.SECONDS);
        assertThat(frame).as("a frame within 20 s").isNotNull();
        return frame;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    JsonNode next(String type) {
      JsonNode frame = next();
      while (!frame.get("type").asText().equals(type)) {
        frame = next();
      }
      return frame;
    }

    @Override
    public @Nullable CompletionStage<?> onText(
        WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          JsonNode frame = JSON.readTree(text.toString());
          missed.addAndGet(frame.path("missed").asLong());
          frames.add(frame);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        text.setLength(0);
      }
      if (reading) {
        webSocket.request(1);
      }
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int status, String reason) {
      closed.complete(status);
      return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
      closed.complete(1006);
    }

    @Override
    public void close() {
      socket.abort();
    }
  }
}
