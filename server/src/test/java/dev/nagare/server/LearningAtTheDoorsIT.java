package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.stream.StreamClient;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Learning calls by HTTP against a real broker; what docs/learning-at-the-doors.md shows. */
class LearningAtTheDoorsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String EVENT =
      "{\"id\":\"%s\",\"inputs\":[{\"name\":\"row\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[%s]},"
          + "{\"name\":\"label\",\"datatype\":\"INT64\",\"shape\":[1],\"data\":[%d]}]}";
  private static final String QUESTION =
      "{\"id\":\"q-1\",\"inputs\":[{\"name\":\"window\",\"datatype\":\"FP32\",\"shape\":[1,3,3],"
          + "\"data\":[0.1,7,-1, 0.2,6,-1, 0.4,5,-1]}]}";

  @TempDir Path folder;
  private @Nullable LearningServer server;

  @Test
  void eventsAreLearnedAndLabelsFindTheirPredictions() throws Exception {
    try (LearningServer started = LearningServer.start(folder)) {
      server = started;
      for (int i = 0; i < 3; i++) {
        learn("e-" + i, "0." + i + ",1", i % 2);
      }
      JsonNode learned = learn("e-3", "0.3,1", 1);
      assertThat(learned.get("parameters").get("receipt").asText()).isEqualTo("up.requests-0-3");
      assertThat(learned.get("model_version").asText()).isEqualTo("1");
      assertThat(learned.get("parameters").get("version").asText()).isEqualTo("2");
      assertThat(learned.get("outputs").get(0).get("shape").toString()).isEqualTo("[1,2]");
      assertThat(learn("e-3", "0.3,1", 1)).isEqualTo(learned);

      JsonNode answer = post("late/infer", QUESTION, 200);
      String id = answer.get("parameters").get("prediction_id").asText();
      assertThat(id).isEqualTo("late.predictions-0-0");
      JsonNode receipts =
          post("late/labels", "{\"id\":\"" + id + "\",\"label\":1}", 200).get("labels");
      assertThat(receipts.get(0).get("receipt").asText()).isEqualTo("late.labels-0-0");
      await().atMost(PATIENCE).until(() -> get("late/status").get("version").asLong() == 1);
      started.awaitLabels("nagare_labels_total{fate=\"joined\",model=\"late\"} 1.0");

      byWebSocket();

      await().atMost(PATIENCE).until(() -> get("up/snapshots").get("snapshots").size() > 1);
      JsonNode snapshots = get("up/snapshots").get("snapshots");
      System.out.printf("GET up/snapshots%n  200 %s%n", get("up/snapshots"));
      String version = snapshots.get(0).get("version").asText();
      JsonNode back = post("up/rollback", "{\"version\":\"" + version + "\"}", 200);
      assertThat(back.get("parameters").get("rolled_back_to").asText()).isEqualTo(version);
      post("up/rollback", "{\"version\":\"77\"}", 404);

      post("up/labels", "{\"id\":\"up.predictions-0-0\",\"label\":1}", 501);
      post("late/learn", EVENT.formatted("x", "1,2", 0), 501);
      post("late/labels", "{\"id\":\"late.predictions-0-0\",\"label\":5}", 400);
    }
  }

  /** Of the four events above all are known; a fifth and a label are given here. */
  private void byWebSocket() {
    try (var socket = new StreamClient(server().http, server().port(), "nagare.v2")) {
      socket.say("{'type':'subscribe','model':'up','after':1}");
      for (int number = 2; number <= 4; number++) {
        JsonNode event = socket.next("event");
        assertThat(event.get("number").asLong()).isEqualTo(number);
        assertThat(event.get("partition").asLong()).isZero();
        assertThat(event.get("offset").asLong()).isEqualTo(number - 1);
        assertThat(event.has("missed")).isFalse();
      }
      String event = EVENT.formatted("e-4", "0.4,1", 0);
      socket.say("{'type':'learn','id':'1','model':'up','request':" + event + "}");
      JsonNode learned = socket.next("learned");
      System.out.println("WebSocket: " + learned);
      assertThat(learned.at("/response/parameters/receipt").asText()).isEqualTo("up.requests-0-4");
    }
    try (var socket = new StreamClient(server().http, server().port(), null)) {
      socket.say("{'type':'subscribe','model':'up','after':4}");
      assertThat(socket.next("event").get("number").asLong()).isEqualTo(5);
      socket.say(
          "{'type':'label','model':'late','request':{'id':'late.predictions-0-0','label':1}}");
      JsonNode labelled = socket.next("labelled");
      System.out.println("WebSocket: " + labelled);
      assertThat(labelled.at("/response/labels/0/receipt").asText()).isEqualTo("late.labels-0-1");
      socket.say("{'type':'label','model':'up','request':{'id':'x','label':1}}");
      assertThat(socket.next("error").get("status").asInt()).isEqualTo(501);
    }
  }

  private JsonNode learn(String id, String row, int label) throws Exception {
    return post("up/learn", EVENT.formatted(id, row, label), 200);
  }

  private JsonNode get(String path) throws Exception {
    return JSON.readTree(
        server()
            .http
            .send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString())
            .body());
  }

  private JsonNode post(String path, String body, int status) throws Exception {
    HttpResponse<String> answer =
        server()
            .http
            .send(
                HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofString());
    System.out.printf("POST %s %s%n  %d %s%n", path, body, answer.statusCode(), answer.body());
    assertThat(answer.statusCode()).isEqualTo(status);
    return JSON.readTree(answer.body());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server().port() + "/v2/models/" + path);
  }

  private LearningServer server() {
    return Objects.requireNonNull(server);
  }
}
