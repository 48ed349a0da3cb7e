package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineModel;
import dev.nagare.models.online.RepeatLast;
import dev.nagare.streaming.BrokerProcess;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Role;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.Topics;
import dev.nagare.streaming.codec.RecordFormat;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.rehearsal.FileLayer;
import dev.nagare.streaming.rehearsal.OnlineModels;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.io.DataInput;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A real broker in a JVM of its own, and servers in this one. */
abstract class WithBroker {
  static final int FEATURES = 2;
  static final int WINDOW = 4;
  static final ObjectMapper JSON = new ObjectMapper();
  static final Duration LONG = Duration.ofSeconds(60);

  /** Models whose state tells of each record: nothing is computed, everything is seen. */
  static final Rehearsal FAKES = fakes(FileLayer.DISK);

  @TempDir static Path brokerData;
  @TempDir Path data;
  static BrokerProcess broker;
  static Topics topics;

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

  static Rehearsal fakes(FileLayer files) {
    return new Rehearsal() {
      @Override
      public FileLayer files() {
        return files;
      }

      @Override
      public OnlineModels models(OnlineModels product) {
        return new OnlineModels() {
          @Override
          public OnlineModel fresh(OnlineConfig config) {
            return new RepeatLast(config);
          }

          @Override
          public OnlineModel restored(OnlineConfig config, DataInput state) throws IOException {
            return RepeatLast.load(config, state);
          }
        };
      }
    };
  }

  static Rehearsal on(FileLayer layer) {
    return new Rehearsal() {
      @Override
      public FileLayer files() {
        return layer;
      }
    };
  }

  static FileLayer fullWhile(AtomicBoolean full) {
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

  void learnTo(long offset, String name, Rehearsal rehearsal) {
    try (Streaming streaming = start(data, rehearsal, name)) {
      await().atMost(LONG).until(() -> offset(streaming, name) == offset);
    }
  }

  /** The model's newest checkpoint, as the registry topic has it. */
  static JsonNode newest(String name) throws Exception {
    JsonNode newest = null;
    for (ConsumerRecord<byte[], byte[]> record : topics.read("nagare.registry")) {
      if (new String(record.key(), UTF_8).equals(name)) {
        newest = JSON.readTree(record.value()).get("checkpoints").get(0);
      }
    }
    return java.util.Objects.requireNonNull(newest);
  }

  static long version(Streaming streaming, String name) {
    return streaming.model(name).orElseThrow().status().version();
  }

  static long offset(Streaming streaming, String name) {
    return streaming.model(name).orElseThrow().status().nextOffset();
  }

  static void awaitConnected(ModelService model) {
    await().atMost(LONG).until(() -> model.status().learning());
  }

  static InferenceResponse ask(Streaming streaming, ModelService model, float[] window) {
    byte[] text = Topics.window(WINDOW, FEATURES, window).getBytes(UTF_8);
    return model
        .infer(streaming.codec().decode(text), Terms.of(Terms.Priority.INTERACTIVE))
        .toCompletableFuture()
        .join();
  }

  static void send(String name, int from, int to) {
    for (int i = from; i < to; i++) {
      topics.send(name + ".requests", Topics.row(row(i)));
    }
    topics.flush();
  }

  /** As fast as a broker acknowledges each one, so that a kill comes in the middle. */
  static void sendSlowly(String name, int rows) {
    try {
      for (int i = 0; i < rows; i++) {
        topics.send(name + ".requests", Topics.row(row(i))).get();
      }
    } catch (InterruptedException | ExecutionException e) {
      Thread.currentThread().interrupt();
    }
  }

  static float[] row(int i) {
    return new float[] {i * 0.5f, -i};
  }

  static float[] window(int i) {
    float[] values = new float[WINDOW * FEATURES];
    for (int at = 0; at < values.length; at++) {
      values[at] = i + at / 10f;
    }
    return values;
  }

  static List<JsonNode> predictions(String name) throws Exception {
    List<JsonNode> nodes = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : topics.read(name + ".predictions")) {
      nodes.add(JSON.readTree(record.value()));
    }
    return nodes;
  }

  static float[] floats(JsonNode prediction) {
    JsonNode numbers = prediction.get("outputs").get(0).get("data");
    float[] values = new float[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.parseFloat(numbers.get(i).asText());
    }
    return values;
  }

  static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }

  Streaming start(String name, Rehearsal rehearsal) {
    return start(data, rehearsal, name);
  }

  static Streaming start(Path folder, Rehearsal rehearsal, String... names) {
    return start(config(folder, kafka(), names), rehearsal);
  }

  static Streaming start(StreamingConfig config, Rehearsal rehearsal) {
    return Streaming.start(config, new StreamingObserver() {}, rehearsal);
  }

  static StreamingConfig.Kafka kafka() {
    return kafka(broker.bootstrapServers(), StreamingConfig.Topics.CREATE, Role.ALL, "one");
  }

  static StreamingConfig.Kafka kafka(
      String servers, StreamingConfig.Topics create, Role role, String instance) {
    return new StreamingConfig.Kafka(
        new HashMap<>(Map.of("bootstrap.servers", servers)), create, role, instance);
  }

  static StreamingConfig config(
      Path folder, StreamingConfig.@Nullable Kafka kafka, String... names) {
    return config(folder, kafka, Arrays.stream(names).map(WithBroker::model).toList());
  }

  static StreamingConfig config(
      Path folder,
      StreamingConfig.@Nullable Kafka kafka,
      List<StreamingConfig.LearnedModel> models) {
    return new StreamingConfig(
        kafka, 2, 16, 256, Duration.ofSeconds(1), 1 << 24, folder, null, models);
  }

  static StreamingConfig.LearnedModel model(String name) {
    return new StreamingConfig.LearnedModel(
        name,
        name + ".requests",
        new RecordFormat.Protocol(),
        List.of("a", "b"),
        null,
        online(1),
        1,
        Duration.ofMillis(200));
  }

  static OnlineConfig online(long seed) {
    return OnlineConfig.forecaster(FEATURES)
        .withNetwork(new OnlineConfig.Network(WINDOW, 8, 0.1))
        .withTraining(new OnlineConfig.Training(1, 1, 1e-3, 10, 100, 1e-4, 1))
        .withSeed(seed);
  }
}
