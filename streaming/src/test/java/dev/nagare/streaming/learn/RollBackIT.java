package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nagare.models.online.Compute;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.Topics;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.streaming.rehearsal.Rehearsal;
import dev.nagare.tensor.MemoryPool;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** A roll-back goes through the log: whoever learns from it again comes to the same bits. */
class RollBackIT extends WithBroker {

  @Test
  void itAnswersAsTheOldVersionDidUnderANewNumberAndLearnsOn() throws Exception {
    try (Streaming streaming = start("back", Rehearsal.NONE)) {
      ModelService model = streaming.model("back").orElseThrow();
      awaitConnected(model);
      for (int i = 0; i < 12; i++) {
        learn(model, i);
      }
      CheckpointRecord target = awaitCheckpoint(model);
      float[] then = ask(streaming, model, window(3)).outputs().getFirst().floats();
      for (int i = 12; i < 20; i++) {
        learn(model, i);
      }
      assertThat(ask(streaming, model, window(3)).outputs().getFirst().floats()).isNotEqualTo(then);
      long before = model.status().version();

      InferenceResponse back = rollBack(model, "{\"version\":\"" + target.step() + "\"}");

      assertThat(back.parameters())
          .containsEntry("receipt", "back.requests-0-20")
          .containsEntry("rolled_back_to", Long.toString(target.step()))
          .containsEntry("version", Long.toString(before + 1));
      InferenceResponse now = ask(streaming, model, window(3));
      assertThat(now.modelVersion()).isEqualTo(Long.toString(before + 1));
      assertThat(now.outputs().getFirst().floats()).isEqualTo(then);
      assertThat(learn(model, 20).parameters()).containsEntry("version", Long.toString(before + 2));
      assertRefused(
          model, "{\"version\":7777}", 404, "version 7777 of model 'back' is no snapshot");
      assertRefused(model, "{}", 400, "expected {\"version\": …}");
    }
  }

  @Test
  void aReplayOfTheLogComesToTheSameBits() throws Exception {
    try (Streaming streaming = start("replayed", Rehearsal.NONE)) {
      ModelService model = streaming.model("replayed").orElseThrow();
      awaitConnected(model);
      for (int i = 0; i < 12; i++) {
        learn(model, i);
      }
      CheckpointRecord target = awaitCheckpoint(model);
      for (int i = 12; i < 16; i++) {
        learn(model, i);
      }
      rollBack(model, "{\"version\":\"" + target.step() + "\"}");
      for (int i = 16; i < 24; i++) {
        learn(model, i);
      }
    }
    var newest = newest("replayed");
    assertThat(newest.get("next_offset").asLong()).isEqualTo(25);
    try (var cluster = new KafkaCluster(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      var compute = Compute.best(new MemoryPool("snapshots", 1 << 26));
      var json = new ProtocolJson(new MemoryPool("requests", 1 << 20));
      var rebuild = new Rebuild(cluster, model("replayed"), new ProductModels(compute), json);
      Rebuild.Rebuilt again = rebuild.upTo(0, 25, offset -> {});
      assertThat(again.stateHash()).isEqualTo(newest.get("state_hash").asText());
      assertThat(again.recordsDigest()).isEqualTo(newest.get("records_digest").asText());

      // No copy of the checkpoint is left: it is made again from the log, and nothing changes.
      long end = topics.read("nagare.snapshots").getLast().offset() + 1;
      topics.deleteBefore("nagare.snapshots", end);
      assertThat(rebuild.upTo(0, 25, offset -> {}).stateHash()).isEqualTo(again.stateHash());
    }
  }

  private static CheckpointRecord awaitCheckpoint(ModelService model) {
    long offset = model.status().nextOffset();
    await()
        .atMost(LONG)
        .until(
            () -> {
              List<CheckpointRecord> known = model.lineage().checkpoints();
              return !known.isEmpty() && known.getFirst().lineage().nextOffset() == offset;
            });
    return model.lineage().checkpoints().getFirst();
  }

  private static InferenceResponse learn(ModelService model, int i) {
    return model.learn(Topics.row(row(i % 5)).getBytes(UTF_8)).toCompletableFuture().join();
  }

  private static InferenceResponse rollBack(ModelService model, String body) {
    return model.rollBack(body.getBytes(UTF_8)).toCompletableFuture().join();
  }

  private static void assertRefused(ModelService model, String body, int status, String message) {
    assertThatThrownBy(() -> rollBack(model, body))
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.status()).isEqualTo(status))
        .hasMessageContaining(message);
  }
}
