package dev.nagare.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.models.online.Compute;
import dev.nagare.models.online.ForecasterConfig;
import dev.nagare.models.online.OnlineModel;
import dev.nagare.models.online.RepeatLast;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.tensor.MemoryPool;
import java.io.DataInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole streaming side against a real broker in a JVM of its own. */
class StreamingIT {
  private static final int FEATURES = 2;
  private static final int WINDOW = 4;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final OnlineModels FAKES =
      new OnlineModels() {
        @Override
        public OnlineModel fresh(ForecasterConfig config) {
          return new RepeatLast(config);
        }

        @Override
        public OnlineModel restored(ForecasterConfig config, DataInput state) throws IOException {
          return RepeatLast.load(config, state);
        }
      };

  @TempDir static Path brokerData;
  @TempDir Path data;
  private static BrokerProcess broker;
  private static Topics topics;

  @BeforeAll
  static void startBroker() throws IOException {
    broker = new BrokerProcess(brokerData);
    topics = new Topics(broker.bootstrapServers());
  }

  @AfterAll
  static void stopBroker() {
    topics.close();
    broker.close();
  }

  @Test
  void everyRowIsPredictedAndLearned() throws Exception {
    List<LearningEvent> events = new CopyOnWriteArrayList<>();
    try (Streaming streaming = start("all-rows", FAKES)) {
      ModelService model = streaming.model("all-rows").orElseThrow();
      awaitConnected(model);
      model.events().subscribe(events::add);
      send("all-rows", 0, 300);
      await().atMost(LONG).until(() -> model.status().version() == 300);
      assertThat(model.status().lineage()).isEqualTo(new Lineage("all-rows.requests", 0, 300));
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
    assertThat(events.get(7).windowedMae()).containsKey("repeat-last");
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
    assertThat(header(letters.getLast(), "reason")).contains("without a value");
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
  void nothingIsLostWhenTheBrokerIsKilled() throws Exception {
    int rows = System.getProperty("nagare.checks", "verify").equals("verify") ? 600 : 5_000;
    try (Streaming streaming = start("killed", FAKES)) {
      ModelService model = streaming.model("killed").orElseThrow();
      awaitConnected(model);
      Thread sender = new Thread(() -> sendSlowly("killed", rows));
      sender.start();
      await().atMost(LONG).until(() -> model.status().version() > rows / 10);
      broker.kill();
      await()
          .atMost(LONG)
          .until(
              () ->
                  ("Kafka at " + broker.bootstrapServers() + " does not answer; learning waits")
                      .equals(model.status().degraded()));
      assertThat(model.status().ready()).isTrue();
      assertThat(ask(streaming, model, window(1)).outputs()).hasSize(1);
      broker.restart();
      await().atMost(LONG).until(() -> model.status().degraded() == null);
      sender.join();
      await().atMost(LONG).until(() -> model.status().version() == rows);
    }
    Set<String> ids = new HashSet<>();
    predictions("killed").forEach(prediction -> ids.add(prediction.get("id").asText()));
    assertThat(ids).hasSize(rows);
    assertThat(topics.read("killed.requests")).hasSize(rows);
  }

  @Test
  void aRestartGoesOnWithTheSameBitsAsIfNothingHadHappened() throws Exception {
    ForecasterConfig forecaster = forecaster();
    var real = new Forecasters(Compute.best(new MemoryPool("snapshots", 1 << 26)));
    var random = new Random(3);
    float[][] rows = new float[80][FEATURES];
    for (int i = 0; i < rows.length; i++) {
      rows[i][0] = (float) Math.sin(i / 5.0) + random.nextFloat() / 10;
      rows[i][1] = 1e6f * random.nextFloat();
    }
    for (String name : List.of("whole", "parted")) {
      topics.create(name + ".requests", name + ".predictions", name + ".dead-letter");
    }
    for (float[] row : rows) {
      topics.send("whole.requests", Topics.row(row));
    }
    for (int i = 0; i < 40; i++) {
      topics.send("parted.requests", Topics.row(rows[i]));
    }
    topics.flush();
    learnTo(rows.length, "whole", real, FileLayer.DISK);
    learnTo(40, "parted", real, FileLayer.DISK);
    for (int i = 40; i < rows.length; i++) {
      topics.send("parted.requests", Topics.row(rows[i]));
    }
    topics.flush();
    // Dies before its last checkpoint: what came after the one before is learned again.
    var dead = new AtomicBoolean(true);
    learnTo(rows.length, "parted", real, fullWhile(dead));
    learnTo(rows.length, "parted", real, FileLayer.DISK);

    assertThat(stateHash("parted", forecaster, real))
        .isEqualTo(stateHash("whole", forecaster, real));
    Map<String, JsonNode> byId = new HashMap<>();
    for (JsonNode prediction : predictions("parted")) {
      JsonNode before = byId.put(prediction.get("id").asText(), prediction);
      assertThat(before == null || before.equals(prediction)).isTrue();
    }
    assertThat(predictions("parted")).hasSize(120); // 40 of them twice
    List<JsonNode> whole = predictions("whole");
    for (int i = 0; i < rows.length; i++) {
      JsonNode same = Objects.requireNonNull(byId.get("parted.requests-0-" + i));
      assertThat(same.get("outputs")).isEqualTo(whole.get(i).get("outputs"));
      assertThat(same.get("model_version")).isEqualTo(whole.get(i).get("model_version"));
    }
  }

  @Test
  void inferEqualsTheLearnersOwnPredictionBitForBit() throws Exception {
    var real = new Forecasters(Compute.best(new MemoryPool("snapshots", 1 << 26)));
    try (Streaming streaming = start("bits", real)) {
      ModelService model = streaming.model("bits").orElseThrow();
      awaitConnected(model);
      for (int i = 0; i < 50; i++) {
        topics.send("bits.requests", Topics.row(row(i)));
      }
      await().atMost(LONG).until(() -> model.status().lineage().nextOffset() == 50);
      float[] window = new float[WINDOW * FEATURES];
      for (int i = 0; i < WINDOW; i++) {
        System.arraycopy(row(50 - WINDOW + i), 0, window, i * FEATURES, FEATURES);
      }
      InferenceResponse response = ask(streaming, model, window);
      await().atMost(LONG).until(() -> predictions("bits").size() == 50);
      JsonNode last = predictions("bits").getLast();
      assertThat(response.modelVersion()).isEqualTo(last.get("model_version").asText());
      assertThat(response.outputs().getFirst().data()).isEqualTo(floats(last));
    }
  }

  @Test
  void recordsLostToRetentionStopLearningOfThatModelOnly() throws Exception {
    try (Streaming streaming = start("lost", FAKES)) {
      awaitConnected(streaming.model("lost").orElseThrow());
      send("lost", 0, 10);
      await().atMost(LONG).until(() -> version(streaming, "lost") == 10);
    }
    send("lost", 10, 30);
    topics.deleteBefore("lost.requests", 20);
    try (Streaming streaming = start(data, FAKES, FileLayer.DISK, "lost", "lives")) {
      ModelService lost = streaming.model("lost").orElseThrow();
      await().atMost(LONG).until(() -> String.valueOf(lost.status().degraded()).contains("lost"));
      assertThat(lost.status().degraded())
          .startsWith("lost.requests-0 has offsets 20 to 29, offset 10 or later is wanted")
          .contains("checkpoints of lost away", "retention.ms");
      assertThat(lost.status().version()).isEqualTo(10);
      assertThat(ask(streaming, lost, window(3)).outputs()).hasSize(1);
      send("lives", 0, 10);
      await().atMost(LONG).until(() -> version(streaming, "lives") == 10);
      assertThat(streaming.model("lives").orElseThrow().status().degraded()).isNull();
    }
  }

  @Test
  void missingTopicsAreNamedAtOnceWithTheCommandsThatMendThem() throws Exception {
    topics.create("verified.requests");
    var kafka =
        new StreamingConfig.Kafka(
            Map.of("bootstrap.servers", broker.bootstrapServers()), StreamingConfig.Topics.VERIFY);
    var config = config(data, kafka, "verified");
    try (Streaming streaming = start(config, FAKES, FileLayer.DISK)) {
      ModelService model = streaming.model("verified").orElseThrow();
      await()
          .atMost(LONG)
          .until(() -> String.valueOf(model.status().degraded()).contains("is missing"));
      String command = "kafka-topics.sh --bootstrap-server " + broker.bootstrapServers();
      assertThat(model.status().degraded())
          .contains(
              "verified.dead-letter is missing: "
                  + command
                  + " --create --topic verified.dead-letter --partitions 1",
              "verified.predictions is missing: "
                  + command
                  + " --create --topic verified.predictions --partitions 1")
          .doesNotContain("verified.requests");
      topics.create("verified.predictions", "verified.dead-letter");
      awaitConnected(model);
    }
  }

  @Test
  void servesWithoutKafkaAndSaysSo() throws Exception {
    var kafka =
        new StreamingConfig.Kafka(
            Map.of("bootstrap.servers", "127.0.0.1:1"), StreamingConfig.Topics.CREATE);
    try (Streaming streaming = start(config(data, kafka, "alone"), FAKES, FileLayer.DISK)) {
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
    try (Streaming streaming = start(config(data, null, "plain"), FAKES, FileLayer.DISK)) {
      assertThat(streaming.model("plain").orElseThrow().status().degraded()).isNull();
    }
  }

  @Test
  void aFullDiskStopsCheckpointsAndNotLearning() throws Exception {
    var full = new AtomicBoolean(true);
    try (Streaming streaming = start(data, FAKES, fullWhile(full), "full")) {
      ModelService model = streaming.model("full").orElseThrow();
      awaitConnected(model);
      Thread sender = new Thread(() -> sendSlowly("full", 100_000));
      sender.start();
      try {
        await().atMost(LONG).until(() -> model.status().checkpointError() != null);
        assertThat(model.status().checkpointError())
            .contains("could not be written to", "(No space left on device); free some space");
        long version = model.status().version();
        await().atMost(LONG).until(() -> model.status().version() > version);
        full.set(false);
        await().atMost(LONG).until(() -> model.status().checkpointError() == null);
      } finally {
        sender.interrupt();
        sender.join();
      }
    }
  }

  @Test
  void aDiskThatIsFullAtTheEndIsSaidAfterTheDrain() throws Exception {
    Streaming streaming = start(data, FAKES, fullWhile(new AtomicBoolean(true)), "brim");
    try (streaming) {
      send("brim", 0, 3);
      await().atMost(LONG).until(() -> version(streaming, "brim") == 3);
    }
    assertThat(streaming.unsaved())
        .singleElement()
        .asString()
        .contains("checkpoint of brim at step 3", "No space left on device", "free some space");
  }

  @Test
  void aFolderThatCannotBeUsedIsRefusedWithTheRemedy() throws Exception {
    try (Streaming streaming = start("other", FAKES)) {
      send("other", 0, 3);
      await().atMost(LONG).until(() -> version(streaming, "other") == 3);
      assertThatThrownBy(() -> start("other", FAKES))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("in use by another server; stop that one");
    }
    StreamingConfig same = config(data, null, "other");
    StreamingConfig.LearnedModel model = same.models().getFirst();
    var changed =
        new StreamingConfig.LearnedModel(
            model.name(),
            List.of("a", "c"),
            model.forecaster().withSeed(2),
            1,
            model.checkpointInterval());
    assertThatThrownBy(
            () ->
                start(
                    new StreamingConfig(null, 1, 1, 1, 1 << 20, data, List.of(changed)),
                    FAKES,
                    FileLayer.DISK))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("are of another configuration, [a, b] ForecasterConfig[")
        .hasMessageContaining("move the folder away");
    Path file = Files.writeString(data.resolve("file"), "in the way");
    assertThatThrownBy(() -> start(config(file, null, "other"), FAKES, FileLayer.DISK))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("choose another with data:");
    try (Streaming streaming = start(same, FAKES, FileLayer.DISK)) {
      assertThat(version(streaming, "other")).isEqualTo(3);
    }
  }

  private void learnTo(long offset, String name, OnlineModels models, FileLayer files) {
    try (Streaming streaming = start(data, models, files, name)) {
      await().atMost(LONG).until(() -> offset(streaming, name) == offset);
    }
  }

  private String stateHash(String name, ForecasterConfig forecaster, OnlineModels models)
      throws IOException {
    var newest = new CheckpointFolder(data.resolve(name), FileLayer.DISK).newest().orElseThrow();
    try (OnlineModel model = models.restored(forecaster, newest.state())) {
      return model.stateHash();
    }
  }

  private static FileLayer fullWhile(AtomicBoolean full) {
    return new FileLayer() {
      @Override
      public void sync(Path file) throws IOException {
        if (full.get()) {
          throw new IOException("No space left on device");
        }
        FileLayer.super.sync(file);
      }
    };
  }

  private static long version(Streaming streaming, String name) {
    return streaming.model(name).orElseThrow().status().version();
  }

  private static long offset(Streaming streaming, String name) {
    return streaming.model(name).orElseThrow().status().lineage().nextOffset();
  }

  private static void awaitConnected(ModelService model) {
    await().atMost(LONG).until(() -> model.status().degraded() == null);
  }

  private static InferenceResponse ask(Streaming streaming, ModelService model, float[] window) {
    byte[] text = Topics.window(WINDOW, FEATURES, window).getBytes(UTF_8);
    return model.infer(streaming.codec().decode(text)).toCompletableFuture().join();
  }

  private static void send(String name, int from, int to) {
    for (int i = from; i < to; i++) {
      topics.send(name + ".requests", Topics.row(row(i)));
    }
    topics.flush();
  }

  /** As fast as a broker acknowledges each one, so that a kill comes in the middle. */
  private static void sendSlowly(String name, int rows) {
    try {
      for (int i = 0; i < rows; i++) {
        topics.send(name + ".requests", Topics.row(row(i))).get();
      }
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static float[] row(int i) {
    return new float[] {i * 0.5f, -i};
  }

  private static float[] window(int i) {
    float[] values = new float[WINDOW * FEATURES];
    for (int at = 0; at < values.length; at++) {
      values[at] = i + at / 10f;
    }
    return values;
  }

  private static List<JsonNode> predictions(String name) throws Exception {
    List<JsonNode> nodes = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : topics.read(name + ".predictions")) {
      nodes.add(JSON.readTree(record.value()));
    }
    return nodes;
  }

  private static float[] floats(JsonNode prediction) {
    JsonNode numbers = prediction.get("outputs").get(0).get("data");
    float[] values = new float[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.parseFloat(numbers.get(i).asText());
    }
    return values;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }

  private Streaming start(String name, OnlineModels models) {
    return start(data, models, FileLayer.DISK, name);
  }

  private static Streaming start(
      Path folder, OnlineModels models, FileLayer files, String... names) {
    var kafka =
        new StreamingConfig.Kafka(
            Map.of("bootstrap.servers", broker.bootstrapServers()), StreamingConfig.Topics.CREATE);
    return start(config(folder, kafka, names), models, files);
  }

  private static Streaming start(StreamingConfig config, OnlineModels models, FileLayer files) {
    return Streaming.start(config, new StreamingObserver() {}, models, files);
  }

  private static StreamingConfig config(
      Path folder, StreamingConfig.@Nullable Kafka kafka, String... names) {
    return new StreamingConfig(
        kafka,
        2,
        16,
        256,
        1 << 24,
        folder,
        Arrays.stream(names)
            .map(
                name ->
                    new StreamingConfig.LearnedModel(
                        name, List.of("a", "b"), forecaster(), 1, Duration.ofMillis(200)))
            .toList());
  }

  private static ForecasterConfig forecaster() {
    return new ForecasterConfig(FEATURES, WINDOW, 8, 1e-3, 10, 100, 1e-4, 1, 1, 20, 1);
  }
}
