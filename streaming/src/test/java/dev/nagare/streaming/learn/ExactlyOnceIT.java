package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.models.online.Compute;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.Role;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.streaming.rehearsal.CrashPoint;
import dev.nagare.streaming.rehearsal.Rehearsal;
import dev.nagare.tensor.MemoryPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The learner's protocol: whoever takes over, from whatever is left, each record counts once. */
class ExactlyOnceIT extends WithBroker {
  @TempDir Path elsewhere;

  @Test
  void anyNodeGoesOnFromTheTopicsAlone() throws Exception {
    learn(data, Rehearsal.NONE, "moved", 0, 50);
    learn(elsewhere, Rehearsal.NONE, "moved", 50, 90);
    assertRebuilds("moved", 90);
    assertEachAnsweredOnce("moved", 90);
  }

  @Test
  void aDamagedFileIsFetchedAnewFromTheTopic() throws Exception {
    learn(data, Rehearsal.NONE, "damaged", 0, 50);
    Path blob = data.resolve("damaged").resolve(newest("damaged").get("name").asText());
    byte[] bytes = Files.readAllBytes(blob);
    bytes[bytes.length / 2] ^= 1;
    Files.write(blob, bytes);
    learn(data, Rehearsal.NONE, "damaged", 50, 60);
    assertThat(names("damaged")).anyMatch(name -> name.endsWith(".damaged"));
    assertRebuilds("damaged", 60);
    assertEachAnsweredOnce("damaged", 60);
  }

  @Test
  void withoutTheNewestCheckpointTheOneBeforeIsReplayedAndNothingWrittenAgain() throws Exception {
    learn(data, Rehearsal.NONE, "before", 0, 50);
    learn(data, Rehearsal.NONE, "before", 50, 80);
    JsonNode newest = newest("before");
    Files.delete(data.resolve("before").resolve(newest.get("name").asText()));
    topics.deleteBefore("nagare.snapshots", newest.get("chunk_offset").asLong() + 1);
    learn(data, Rehearsal.NONE, "before", 80, 90);
    assertThat(checkpoints("before")).doesNotContain(newest.get("name").asText());
    assertRebuilds("before", 90);
    assertEachAnsweredOnce("before", 90);
  }

  @Test
  void aLostRegistryIsRefusedAndNotBegunAfresh() throws Exception {
    learn(data, Rehearsal.NONE, "forgotten", 0, 20);
    topics.sendTombstone("nagare.registry", "forgotten");
    try (Streaming streaming = start(data, Rehearsal.NONE, "forgotten")) {
      ModelService model = streaming.model("forgotten").orElseThrow();
      await()
          .atMost(LONG)
          .until(() -> String.valueOf(model.status().degraded()).contains("registry was lost"));
      assertThat(model.status().version()).isPositive(); // it still answers
    }
  }

  @Test
  void aFencedWriterBeginsAgainFromTheLastCheckpoint() throws Exception {
    try (Streaming streaming = start("fenced", Rehearsal.NONE);
        var cluster = new KafkaCluster(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      ModelService model = streaming.model("fenced").orElseThrow();
      awaitConnected(model);
      send("fenced", 0, 40);
      await().atMost(LONG).until(() -> offset(streaming, "fenced") == 40);
      cluster.fence("nagare-fenced", "nagare-fenced").close();
      send("fenced", 40, 80);
      await().atMost(LONG).until(() -> offset(streaming, "fenced") == 80);
      awaitAnswers("fenced", 80);
      assertThat(model.status().fenced()).isZero(); // nobody else has the partition
    }
    assertRebuilds("fenced", 80);
    assertEachAnsweredOnce("fenced", 80);
  }

  @Test
  void aSecondInstanceStandsByAnswersAndTakesOver() throws Exception {
    Streaming first = start(data, Rehearsal.NONE, "shared");
    try (first) {
      awaitConnected(first.model("shared").orElseThrow());
      try (Streaming second =
          start(config(elsewhere, as(Role.ALL, "two"), "shared"), Rehearsal.NONE)) {
        ModelService standby = second.model("shared").orElseThrow();
        send("shared", 0, 60);
        await().atMost(LONG).until(() -> version(second, "shared") == 60 - WINDOW);
        await().atMost(LONG).until(() -> standby.status().degraded() == null);
        assertThat(standby.status().learning()).isFalse();
        assertThat(version(first, "shared")).isEqualTo(60 - WINDOW);
        first.close();
        await().atMost(LONG).until(() -> standby.status().learning());
        send("shared", 60, 100);
        await().atMost(LONG).until(() -> offset(second, "shared") == 100);
      }
    }
    assertRebuilds("shared", 100);
    assertEachAnsweredOnce("shared", 100);
  }

  @Test
  void aScorerFollowsTheRegistryAndNeverLearns() throws Exception {
    try (Streaming scorer =
        start(config(elsewhere, as(Role.SCORER, "scorer"), "followed"), Rehearsal.NONE)) {
      learn(data, Rehearsal.NONE, "followed", 0, 50);
      await().atMost(LONG).until(() -> version(scorer, "followed") == 50 - WINDOW);
      ModelStatus status = scorer.model("followed").orElseThrow().status();
      assertThat(status.learning()).isFalse();
      assertThat(status.nextOffset()).isEqualTo(50);
      assertThat(status.checkpointStep()).isEqualTo(50 - WINDOW);
    }
  }

  @Test
  void chunksThatNoRegistryRecordNamesAreRemovedByTheNextLearner() throws Exception {
    var dies = new AtomicBoolean();
    try (Streaming streaming = start(data, diesAt(CrashPoint.AFTER_UPLOAD, dies), "orphans")) {
      ModelService model = streaming.model("orphans").orElseThrow();
      awaitConnected(model);
      await().atMost(LONG).until(() -> model.status().checkpointStep() == 0);
      dies.set(true);
      send("orphans", 0, 30);
      await()
          .atMost(LONG)
          .until(() -> String.valueOf(model.status().degraded()).contains("died as planned"));
    }
    assertThat(unnamedChunks("orphans")).isNotEmpty();
    learn(data, Rehearsal.NONE, "orphans", 30, 60);
    assertThat(unnamedChunks("orphans")).isEmpty();
    assertRebuilds("orphans", 60);
    assertEachAnsweredOnce("orphans", 60);
  }

  @Test
  void supersededCheckpointsLeaveTheTopicAndTheFolder() throws Exception {
    for (int i = 0; i < 5; i++) {
      learn(data, Rehearsal.NONE, "superseded", 10 * i, 10 * (i + 1));
    }
    assertThat(checkpoints("superseded")).hasSize(3);
    assertThat(unnamedChunks("superseded")).isEmpty();
    assertThat(names("superseded").stream().filter(name -> !name.equals("lock")).toList())
        .containsExactlyInAnyOrderElementsOf(checkpoints("superseded"));
  }

  private static Rehearsal diesAt(CrashPoint where, AtomicBoolean armed) {
    return new Rehearsal() {
      @Override
      public void reached(CrashPoint point) {
        if (point == where && armed.get()) {
          throw new IllegalStateException("died as planned at " + point);
        }
      }
    };
  }

  private static StreamingConfig.Kafka as(Role role, String instance) {
    return kafka(broker.bootstrapServers(), StreamingConfig.Topics.CREATE, role, instance);
  }

  private static void learn(Path folder, Rehearsal rehearsal, String name, int from, int to) {
    try (Streaming streaming = start(folder, rehearsal, name)) {
      awaitConnected(streaming.model(name).orElseThrow());
      send(name, from, to);
      await().atMost(LONG).until(() -> offset(streaming, name) == to);
    }
  }

  private static void awaitAnswers(String name, int count) {
    await().atMost(LONG).until(() -> predictions(name).size() == count);
  }

  private static void assertRebuilds(String name, long offset) throws Exception {
    try (var cluster = new KafkaCluster(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      var compute = Compute.best(new MemoryPool("snapshots", 1 << 26));
      var rebuild =
          new Rebuild(
              cluster,
              model(name),
              new ProductModels(compute),
              new ProtocolJson(new MemoryPool("requests", 1 << 24)));
      CheckpointRecord newest = rebuild.recorded().getFirst();
      assertThat(newest.lineage().nextOffset()).isEqualTo(offset);
      Rebuild.Rebuilt rebuilt = rebuild.upTo(newest.lineage().firstOffset(), offset, passed -> {});
      assertThat(rebuilt.stateHash())
          .as("%s against %s", rebuilt, newest)
          .isEqualTo(newest.stateHash());
      assertThat(rebuilt.recordsDigest()).isEqualTo(newest.recordsDigest());
      assertThat(rebuilt.step()).isEqualTo(newest.step());
      Rebuild.Rebuilt other = rebuild.from(newest, offset, passed -> {});
      assertThat(other.stateHash()).isEqualTo(rebuilt.stateHash());
      assertThat(other.recordsDigest()).isEqualTo(rebuilt.recordsDigest());
    }
  }

  private static void assertEachAnsweredOnce(String name, int rows) throws Exception {
    List<String> ids = new ArrayList<>();
    predictions(name).forEach(prediction -> ids.add(prediction.get("id").asText()));
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      expected.add(name + ".requests-0-" + i);
    }
    assertThat(ids).isEqualTo(expected);
  }

  private static List<String> checkpoints(String name) throws Exception {
    List<String> names = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : topics.read("nagare.registry")) {
      if (new String(record.key(), UTF_8).equals(name)) {
        names.clear();
        JSON.readTree(record.value())
            .get("checkpoints")
            .forEach(checkpoint -> names.add(checkpoint.get("name").asText()));
      }
    }
    return names;
  }

  /** Keys of chunks that are there, though the registry names no such checkpoint. */
  private static Set<String> unnamedChunks(String name) throws Exception {
    List<String> named = checkpoints(name);
    Set<String> left = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record : topics.read("nagare.snapshots")) {
      String key = new String(record.key(), UTF_8);
      if (key.startsWith(name + "-") && !named.contains(key.substring(0, key.indexOf('/')))) {
        if (record.value() == null) {
          left.remove(key);
        } else {
          left.add(key);
        }
      }
    }
    return left;
  }

  private List<String> names(String name) {
    try (Stream<Path> files = Files.list(data.resolve(name))) {
      return files.map(file -> file.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
