package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Role;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.Topics;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** The whole streaming side against a real broker in a JVM of its own. */
class StreamingIT extends WithBroker {
  @Test
  void everyRowIsPredictedAndLearned() throws Exception {
    List<LearningEvent> events = new CopyOnWriteArrayList<>();
    try (Streaming streaming = start("all-rows", FAKES)) {
      ModelService model = streaming.model("all-rows").orElseThrow();
      awaitConnected(model);
      model.events().subscribe(events::add);
      send("all-rows", 0, 300);
      await().atMost(LONG).until(() -> model.status().version() == 300);
      assertThat(model.status().lineage())
          .isEqualTo(new Lineage("all-rows.requests", 0, 0, 300, 300, 0, 0));
      assertThat(model.status().learnedExamples()).isEqualTo(300);
      assertThat(model.metadata().versions()).containsExactly("300");
    }
    List<JsonNode> predictions = predictions("all-rows");
    assertThat(predictions).hasSize(300);
    for (int i = 0; i < 300; i++) {
      JsonNode prediction = predictions.get(i);
      assertThat(prediction.get("id").asText()).isEqualTo("all-rows.requests-0-" + i);
      assertThat(prediction.get("model_version").asText()).isEqualTo(Integer.toString(i + 1));
      assertThat(prediction.get("parameters").get("lineage_offset").asLong()).isEqualTo(i + 1);
      assertThat(prediction.get("parameters").get("timestamp").asLong()).isPositive();
      assertThat(floats(prediction)).isEqualTo(row(i));
    }
    assertThat(events).hasSize(300);
    assertThat(events.get(7).truth()).containsExactly(row(7)[0], row(7)[1]);
    assertThat(events.get(7).version()).isEqualTo(8);
    assertThat(events.get(7).windowed()).containsKey("repeat-last");
  }

  @Test
  void poisonGoesToTheDeadLetterTopicAndTheStreamGoesOn() throws Exception {
    Map<String, String> poison = new HashMap<>();
    poison.put("not json", "malformed JSON");
    poison.put("{\"inputs\": []}", "inputs: expected at least one, got none");
    poison.put(Topics.row(1, 2, 3), "input row: expected FP32 [1, 2], got FP32 [1, 3]");
    poison.put(Topics.row(1, Float.NaN), "expected a finite FP32 number, got NaN");
    poison.put(
        Topics.window(3, FEATURES, new float[6]),
        "input window: expected FP32 [rows from 1 up, 4, 2], got FP32 [1, 3, 2]");
    poison.put(Topics.row(1, 2).replace("row", "line"), "input line: unknown to model poison");
    try (Streaming streaming = start("poison", FAKES)) {
      ModelService model = streaming.model("poison").orElseThrow();
      awaitConnected(model);
      int rows = 0;
      for (String bad : poison.keySet()) {
        topics.send("poison.requests", bad);
        topics.send("poison.requests", Topics.row(row(rows++)));
      }
      topics.sendTombstone("poison.requests");
      topics.send("poison.requests", Topics.row(row(rows++)));
      int expected = rows;
      await().atMost(LONG).until(() -> model.status().version() == expected);
      assertThat(model.status().deadLetters()).isEqualTo(poison.size() + 1);
      assertThat(model.status().degraded()).isNull();
    }
    List<ConsumerRecord<byte[], byte[]>> letters = topics.read("poison.dead-letter");
    assertThat(letters).hasSize(poison.size() + 1);
    for (int i = 0; i < poison.size(); i++) {
      ConsumerRecord<byte[], byte[]> letter = letters.get(i);
      assertThat(header(letter, "topic")).isEqualTo("poison.requests");
      assertThat(header(letter, "partition")).isEqualTo("0");
      assertThat(header(letter, "offset")).isEqualTo(Integer.toString(2 * i));
      assertThat(header(letter, "reason")).contains(poison.get(new String(letter.value(), UTF_8)));
    }
    assertThat(letters.getLast().value()).isNull();
    assertThat(header(letters.getLast(), "reason")).contains("got a tombstone");
    assertThat(predictions("poison")).hasSize(poison.size() + 1);
  }

  @Test
  void questionsAreAnsweredWithoutEffectOnTheModel() throws Exception {
    try (Streaming streaming = start("questions", FAKES)) {
      ModelService model = streaming.model("questions").orElseThrow();
      awaitConnected(model);
      for (int i = 0; i < 2_000; i++) { // more than the lanes' queue holds
        topics.send("questions.requests", Topics.window(WINDOW, FEATURES, window(i)));
      }
      send("questions", 0, 5);
      await().atMost(LONG).until(() -> model.status().version() == 5);
      assertThat(model.status().deadLetters()).isZero();
    }
    List<JsonNode> predictions = predictions("questions");
    assertThat(predictions).hasSize(2_005);
    for (JsonNode prediction : predictions) {
      String id = prediction.get("id").asText();
      int offset = Integer.parseInt(id.substring(id.lastIndexOf('-') + 1));
      assertThat(floats(prediction))
          .isEqualTo(
              offset < 2_000 ? Arrays.copyOfRange(window(offset), 6, 8) : row(offset - 2_000));
    }
  }

  @Test
  void inferEqualsTheLearnersOwnPredictionBitForBit() throws Exception {
    try (Streaming streaming = start("bits", Rehearsal.NONE)) {
      ModelService model = streaming.model("bits").orElseThrow();
      awaitConnected(model);
      for (int i = 0; i < 50; i++) {
        topics.send("bits.requests", Topics.row(row(i)));
      }
      await().atMost(LONG).until(() -> model.status().nextOffset() == 50);
      float[] window = new float[WINDOW * FEATURES];
      for (int i = 0; i < WINDOW; i++) {
        System.arraycopy(row(50 - WINDOW + i), 0, window, i * FEATURES, FEATURES);
      }
      InferenceResponse response = ask(streaming, model, window);
      await().atMost(LONG).until(() -> predictions("bits").size() == 50);
      JsonNode last = predictions("bits").getLast();
      assertThat(response.modelVersion()).isEqualTo(last.get("model_version").asText());
      assertThat(response.outputs().getFirst().floats()).isEqualTo(floats(last));
    }
  }

  @Test
  void missingTopicsAreNamedAtOnceWithTheCommandsThatMendThem() throws Exception {
    topics.create("verified.requests");
    var kafka = kafka(broker.bootstrapServers(), StreamingConfig.Topics.VERIFY, Role.ALL, "one");
    var config = config(data, kafka, "verified");
    try (Streaming streaming = start(config, FAKES)) {
      ModelService model = streaming.model("verified").orElseThrow();
      await()
          .atMost(LONG)
          .until(() -> String.valueOf(model.status().degraded()).contains("is missing"));
      String command = "kafka-topics.sh --bootstrap-server " + broker.bootstrapServers();
      assertThat(model.status().degraded())
          .contains(
              "verified.dead-letter (what verified refuses) is missing: "
                  + command
                  + " --create --topic verified.dead-letter --partitions 1",
              "verified.predictions (what verified predicts) is missing: "
                  + command
                  + " --create --topic verified.predictions --partitions 1")
          .doesNotContain("verified.requests");
      topics.create("verified.predictions", "verified.dead-letter");
      awaitConnected(model);
    }
  }

  @Test
  void servesWithoutKafkaAndSaysSo() throws Exception {
    var kafka = kafka("127.0.0.1:1", StreamingConfig.Topics.CREATE, Role.ALL, "one");
    try (Streaming streaming = start(config(data, kafka, "alone"), FAKES)) {
      ModelService model = streaming.model("alone").orElseThrow();
      await()
          .atMost(LONG)
          .until(
              () ->
                  "Kafka at 127.0.0.1:1 does not answer; learning waits"
                      .equals(model.status().degraded()));
      assertThat(model.status().ready()).isTrue();
      assertThat(ask(streaming, model, window(2)).modelVersion()).isEqualTo("0");
    }
    try (Streaming streaming = start(config(data, null, "plain"), FAKES)) {
      assertThat(streaming.model("plain").orElseThrow().status().degraded()).isNull();
    }
  }
}
