package dev.nagare.loadtest.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One story through every door: learn, answer, die, come back, go on. */
class EndToEndIT {
  private static final int ROWS = 200;

  @TempDir Path folder;

  @Test
  void learnsFromKafkaAnswersAtEveryDoorAndGoesOnAfterSigkill() throws Exception {
    long seed = 7;
    System.out.println("EndToEndIT: seed " + seed + ", " + ROWS + " rows twice");
    var signal = new Signal(seed);
    try (var stack = new Stack(folder);
        var producer = stack.producer();
        var consumer = consumer(stack);
        var socket = StreamClient.open(stack)) {
      socket.send("{\"type\":\"subscribe\",\"model\":\"pulse\"}");
      socket.awaitFrame("subscribed");

      // Kafka: every observation is forecast and learned.
      var rows = new ArrayList<float[]>();
      feed(signal, rows, producer, ROWS);
      Map<String, JsonNode> predictions = new TreeMap<>();
      String lastId = "pulse.requests-0-" + (ROWS - 1);
      await("prediction " + lastId)
          .atMost(Stack.PATIENCE)
          .until(() -> poll(consumer, predictions).containsKey(lastId));
      JsonNode learners = answer(predictions, lastId);
      String version = learners.path("model_version").asText();
      assertThat(Long.parseLong(version)).isEqualTo(ROWS - Stack.WINDOW);
      assertThat(learners.path("parameters").path("lineage_offset").asLong()).isEqualTo(ROWS);

      // WebSocket: the events of the same records, and an answer.
      await("event of version " + version)
          .atMost(Stack.PATIENCE)
          .until(() -> socket.lastEvent().path("version").asText().equals(version));
      String question = Signal.question("ws-1", lastWindow(rows));
      socket.send("{\"type\":\"infer\",\"model\":\"pulse\",\"request\":" + question + "}");
      JsonNode overSocket = socket.awaitFrame("prediction").path("response");

      // HTTP and a question by Kafka: all doors give the learner's own bits at that version.
      JsonNode overHttp = Stack.json(stack.infer(Signal.question("h-1", lastWindow(rows))).body());
      send(producer, Signal.question("k-1", lastWindow(rows)));
      await("answer k-1")
          .atMost(Stack.PATIENCE)
          .until(() -> poll(consumer, predictions).containsKey("k-1"));
      for (JsonNode answer : List.of(overHttp, overSocket, answer(predictions, "k-1"))) {
        assertThat(answer.path("model_version").asText()).isEqualTo(version);
        assertThat(forecast(answer)).isEqualTo(forecast(learners));
      }
      assertThat(overHttp.path("id").asText()).isEqualTo("h-1");
      assertThat(stack.metrics())
          .contains(
              "nagare_learned_examples_total{model=\"pulse\"} " + (double) (ROWS - Stack.WINDOW));

      // Bad input: refused with a sentence, and what Kafka brought is kept with its position.
      assertThat(stack.infer("{\"inputs\":").statusCode()).isEqualTo(400);
      send(producer, "not json");

      // SIGKILL, then on from the checkpoint.
      await("checkpoint")
          .atMost(Stack.PATIENCE)
          .until(() -> java.nio.file.Files.exists(folder.resolve("server/pulse")));
      String log = stack.killAndRestartServer();
      assertThat(log).containsPattern("(?i)resumed.*pulse.*step \\d+");
      feed(signal, rows, producer, ROWS);
      String afterwards = "pulse.requests-0-" + (2 * ROWS + 1);
      await("prediction " + afterwards)
          .atMost(Stack.PATIENCE)
          .until(() -> poll(consumer, predictions).containsKey(afterwards));
      assertThat(answer(predictions, afterwards).path("model_version").asLong())
          .as("every row is learned once, whatever was replayed")
          .isEqualTo(2 * ROWS - Stack.WINDOW);
      assertThat(stack.stopServer()).isZero();
    }
  }

  private static void feed(
      Signal signal, List<float[]> rows, KafkaProducer<byte[], byte[]> producer, int count) {
    for (int i = 0; i < count; i++) {
      float[] row = signal.next();
      rows.add(row);
      send(producer, Signal.observation(row));
    }
    producer.flush();
  }

  private static JsonNode answer(Map<String, JsonNode> byId, String id) {
    return Objects.requireNonNull(byId.get(id), id);
  }

  private static float[][] lastWindow(List<float[]> rows) {
    return rows.subList(rows.size() - Stack.WINDOW, rows.size()).toArray(float[][]::new);
  }

  private static String forecast(JsonNode response) {
    return response.path("outputs").path(0).path("data").toString();
  }

  private static Map<String, JsonNode> poll(
      KafkaConsumer<byte[], byte[]> consumer, Map<String, JsonNode> byId) throws Exception {
    for (var record : consumer.poll(Duration.ofMillis(200))) {
      JsonNode prediction = Stack.json(new String(record.value(), UTF_8));
      byId.put(prediction.path("id").asText(), prediction);
    }
    return byId;
  }

  private static void send(KafkaProducer<byte[], byte[]> producer, String value) {
    var _ = producer.send(new ProducerRecord<>("pulse.requests", value.getBytes(UTF_8)));
  }

  private static KafkaConsumer<byte[], byte[]> consumer(Stack stack) {
    var consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", "127.0.0.1:" + stack.brokerPort),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    var partition = new TopicPartition("pulse.predictions", 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    return consumer;
  }
}
