package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.checkpoint.Checkpoint;
import dev.nagare.streaming.checkpoint.Registry;
import dev.nagare.streaming.checkpoint.RegistryEntry;
import dev.nagare.streaming.checkpoint.Sha256;
import dev.nagare.streaming.codec.RefusedRecordException;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LogAppender;
import dev.nagare.streaming.protocol.InferenceResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a log may have of a roll-back, and what comes of it: of the same log always the same. */
class RollBackRecordIT extends WithRollBacks {

  @Test
  void whatNoDoorHasWrittenIsSaidAndCountedAndLearningGoesOn() throws Exception {
    try (Streaming streaming = start("forged", FAKES)) {
      ModelService model = streaming.model("forged").orElseThrow();
      awaitConnected(model);
      CheckpointRecord target = learnTo(model, 0, 4);
      byte[] blob = Files.readAllBytes(data.resolve("forged").resolve(target.name()));
      byte[] damaged = blob.clone();
      damaged[damaged.length / 2] ^= 1;

      goBack("forged", target, new SnapshotParts("nowhere", 0));
      awaitRefused(model, 1, "got 0 of 0 bytes");
      goBack("forged", target, new SnapshotParts("after", 1000));
      awaitRefused(model, 2, "expected its snapshot at an offset before its own");
      goBack("forged", target, append("forged", damaged));
      awaitRefused(model, 3, "with SHA-256 " + target.sha256());
      goBack("forged", hashed(target, damaged), append("forged", damaged));
      awaitRefused(model, 4, "its SHA-256 does not fit its content");
      byte[] other = other(blob);
      goBack("forged", hashed(target, other), append("forged", other));
      awaitRefused(model, 5, "expected configuration [a, b]");
      sendControl("forged", "roll-forth", "{}");
      awaitRefused(model, 6, "expected roll-back, got roll-forth");
      sendControl("forged", "roll-back", registryRecord("forged", target));
      awaitRefused(model, 7, "and where its snapshot is in the log");
      sendControl("forged", "roll-back", registryRecord("another", target));
      awaitRefused(model, 8, "expected model forged, got another");
      assertThat(model.status().version()).isEqualTo(4);

      assertThat(learn(model, 4).parameters()).containsEntry("version", "5");
      // One that can be followed mends the status.
      assertThat(rollBack(model, target).parameters()).containsEntry("version", "6");
      assertThat(model.status().degraded()).isNull();
    }
    var letters = topics.read("forged.dead-letter");
    assertThat(letters.stream().map(letter -> header(letter, "kind")))
        .containsExactly(
            "malformed",
            "malformed",
            "malformed",
            "malformed",
            "malformed",
            "malformed",
            "malformed",
            "unknown-model");
  }

  @Test
  void partsThatNoRecordNamesChangeNothing() throws Exception {
    try (Streaming streaming = start("parts", FAKES)) {
      ModelService model = streaming.model("parts").orElseThrow();
      awaitConnected(model);
      CheckpointRecord target = learnTo(model, 0, 4);
      // As a door leaves it that dies before the record; more than one of them, among rows.
      SnapshotParts parts = append("parts", new byte[1_200_000]);
      assertThat(parts.firstOffset()).isEqualTo(4);
      InferenceResponse next = learn(model, 4);
      assertThat(next.parameters())
          .containsEntry("receipt", "parts.requests-0-7")
          .containsEntry("version", "5");
      assertThat(model.status().deadLetters()).isZero();
      assertThat(rollBack(model, target).parameters()).containsEntry("version", "6");
    }
    assertThat(newest("parts").get("examples").asLong()).isEqualTo(5);
    assertThat(newest("parts").get("refused").asLong()).isZero();
    assertThat(topics.read("parts.dead-letter")).isEmpty();
  }

  @Test
  void aSnapshotOfSeveralPartsIsReadFromAmongOtherRecordsUntilTheEndIsAskedFor() throws Exception {
    topics.create("large.requests");
    byte[] blob = new byte[1_200_000];
    new Random(5).nextBytes(blob);
    SnapshotParts parts = append("large", blob);
    send("large", 0, 3);
    CheckpointRecord wanted = hashed(record(), blob);
    try (var cluster = new KafkaCluster(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      assertThat(parts.read(cluster, "large.requests", wanted, 6, () -> false)).hasValue(blob);
      assertThat(parts.read(cluster, "large.requests", wanted, 6, () -> true)).isEmpty();
      assertThatThrownBy(() -> parts.read(cluster, "large.requests", wanted, 2, () -> false))
          .isInstanceOf(RefusedRecordException.class)
          .hasMessageContaining("expected 3 parts")
          .hasMessageContaining("got 2 of 1048576 bytes");
    }
  }

  @Test
  void aSnapshotThatRetentionTookFromUnderTheRecordStopsLearningAsLostRowsDo() throws Exception {
    CheckpointRecord target;
    SnapshotParts parts;
    try (Streaming streaming = start("taken", FAKES)) {
      ModelService model = streaming.model("taken").orElseThrow();
      awaitConnected(model);
      target = learnTo(model, 0, 4);
      parts = append("taken", Files.readAllBytes(data.resolve("taken").resolve(target.name())));
      learnTo(model, 4, 5);
    }
    goBack("taken", target, parts);
    topics.deleteBefore("taken.requests", parts.firstOffset() + 1);
    try (Streaming streaming = start("taken", FAKES)) {
      ModelService model = streaming.model("taken").orElseThrow();
      await()
          .atMost(LONG)
          .until(() -> String.valueOf(model.status().degraded()).contains("were lost"));
      assertThat(model.status().degraded())
          .startsWith("taken.requests-0 begins at offset 5, offset 4 or later is wanted")
          .contains("the record at offset 6 goes back to", "retention.ms");
      assertThat(model.status().version()).isEqualTo(5);
    }
  }

  private static void awaitRefused(ModelService model, long letters, String why) {
    await().atMost(LONG).until(() -> model.status().deadLetters() == letters);
    assertThat(model.status().degraded())
        .contains("did not take the model back, which goes on from version 4: ", why);
  }

  private static SnapshotParts append(String model, byte[] blob) {
    try (var cluster = new KafkaCluster(Map.of("bootstrap.servers", broker.bootstrapServers()));
        LogAppender log = cluster.appender(new ByteBudget(1 << 24, who -> {}))) {
      return SnapshotParts.append(log, model + ".requests", blob).join();
    }
  }

  private static void goBack(String model, CheckpointRecord target, SnapshotParts parts)
      throws Exception {
    sendControl(model, "roll-back", new String(new RollBack(target, parts).value(model), UTF_8));
  }

  private static void sendControl(String model, String kind, String value) throws Exception {
    topics.send(
        model + ".requests", value, System.currentTimeMillis(), Map.of("nagare-control", kind));
  }

  /** What a record had that named a checkpoint and did not hold it. */
  private static String registryRecord(String model, CheckpointRecord target) {
    return new String(new RegistryEntry(model, List.of(target)).toJson(), UTF_8);
  }

  /** The same of another configuration. */
  private static byte[] other(byte[] blob) throws IOException {
    Checkpoint of = Checkpoint.read(blob);
    return new Checkpoint("another", of.step(), of.lineage(), of.recordsDigest(), of.state())
        .toBytes();
  }

  private static CheckpointRecord record() {
    var lineage = new Lineage("large.requests", 0, 0, 4, 4, 0, 0);
    return new CheckpointRecord("large-4-4-1-0", 4, "", 0, 0, 0, lineage, "", "", "", "none", "");
  }

  private static CheckpointRecord hashed(CheckpointRecord of, byte[] blob) {
    return new CheckpointRecord(
        of.name(),
        of.step(),
        Sha256.hex(Sha256.of(blob)),
        blob.length,
        Registry.chunks(blob),
        of.chunkOffset(),
        of.lineage(),
        of.recordsDigest(),
        of.stateHash(),
        of.configuration(),
        of.kernelId(),
        of.writtenAt());
  }
}
