package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nagare.models.online.Compute;
import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineModel;
import dev.nagare.models.online.RepeatLast;
import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.Topics;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.streaming.rehearsal.OnlineModels;
import dev.nagare.streaming.rehearsal.Rehearsal;
import dev.nagare.tensor.MemoryPool;
import java.io.DataInput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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

  @Test
  void whatCannotBeGoneBackToIsSaidAndCountedAndLearningGoesOn() throws Exception {
    CheckpointRecord target;
    try (Streaming streaming = start("gone", Rehearsal.NONE)) {
      ModelService model = streaming.model("gone").orElseThrow();
      awaitConnected(model);
      for (int i = 0; i < 12; i++) {
        learn(model, i);
      }
      target = awaitCheckpoint(model);
    }
    // No copy is left of what it goes back to, and retention took the beginning of the log.
    goBack("gone", lost(target));
    topics.deleteBefore("gone.requests", 5);
    try (Streaming streaming = start("gone", Rehearsal.NONE)) {
      ModelService model = streaming.model("gone").orElseThrow();
      await()
          .atMost(LONG)
          .until(() -> String.valueOf(model.status().degraded()).contains("cannot be had"));
      assertThat(model.status().degraded())
          .contains("version " + target.step() + ", which the record at offset 12 goes back to")
          .contains("gone.requests has offsets 5 to")
          .contains("goes on from version " + target.step());
      assertThat(model.status().deadLetters()).isEqualTo(1);
      InferenceResponse next = learn(model, 12);
      assertThat(next.parameters())
          .containsEntry("version", Long.toString(target.step() + 1))
          .containsEntry("receipt", "gone.requests-0-13");
      // Another one that can be had mends the status.
      CheckpointRecord newest = awaitCheckpoint(model);
      rollBack(model, "{\"version\":\"" + newest.step() + "\"}");
      assertThat(model.status().degraded()).isNull();
    }
    var letter = topics.read("gone.dead-letter").getFirst();
    assertThat(header(letter, "kind")).isEqualTo("lost-checkpoint");
    assertThat(header(letter, "offset")).isEqualTo("12");
  }

  @Test
  void aVersionThatIsMadeAgainIsGivenUpAtOnce() throws Exception {
    CheckpointRecord target;
    try (Streaming streaming = start("long", Rehearsal.NONE)) {
      ModelService model = streaming.model("long").orElseThrow();
      awaitConnected(model);
      for (int i = 0; i < 12; i++) {
        learn(model, i);
      }
      target = awaitCheckpoint(model);
    }
    try (var cluster = new KafkaCluster(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      var compute = Compute.best(new MemoryPool("snapshots", 1 << 26));
      var json = new ProtocolJson(new MemoryPool("requests", 1 << 20));
      var rebuild = new Rebuild(cluster, model("long"), new ProductModels(compute), json);
      var passed = new AtomicLong();
      var course = new Rebuild.Course(offset -> passed.incrementAndGet(), () -> passed.get() == 4);
      assertThatThrownBy(() -> rebuild.target(lost(target), course))
          .isInstanceOf(GivenUpException.class);
      assertThat(passed).hasValue(4);
      var whole = new Rebuild.Course(offset -> {}, () -> false);
      assertThat(rebuild.target(lost(target), whole).stateHash()).isEqualTo(target.stateHash());
    }
  }

  @Test
  void aStopDoesNotWaitForAVersionThatIsMadeAgain() throws Exception {
    CheckpointRecord target;
    try (Streaming streaming = start("stops", FAKES)) {
      ModelService model = streaming.model("stops").orElseThrow();
      awaitConnected(model);
      for (int i = 0; i < 12; i++) {
        learn(model, i);
      }
      target = awaitCheckpoint(model);
    }
    goBack("stops", lost(target));
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var observed = new AtomicInteger();
    Streaming streaming = start("stops", heldUpAtTheThirdRecord(observed, begun, goOn));
    assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(streaming.model("stops").orElseThrow().status().degraded())
        .contains(
            "which the record at offset 12 goes back to, is made again from the log, 0 of 12");
    Thread closing = Thread.ofPlatform().start(streaming::close);
    await().atMost(LONG).until(() -> waitsForTheLearner(closing));
    goOn.countDown();
    closing.join();
    assertThat(observed).hasValue(3);

    // The next life does what this one left undone.
    try (Streaming next = start("stops", FAKES)) {
      await().atMost(LONG).until(() -> version(next, "stops") == 13);
      assertThat(next.model("stops").orElseThrow().status().degraded()).isNull();
    }
    assertThat(topics.read("stops.dead-letter")).isEmpty();
  }

  /**
   * Models of which a fresh one, as it is needed to make a version again, stops to be looked at.
   */
  private static Rehearsal heldUpAtTheThirdRecord(
      AtomicInteger observed, CountDownLatch begun, CountDownLatch goOn) {
    return new Rehearsal() {
      @Override
      public OnlineModels models(OnlineModels product) {
        OnlineModels fakes = FAKES.models(product);
        return new OnlineModels() {
          @Override
          public OnlineModel fresh(OnlineConfig config) {
            return new RepeatLast(config) {
              @Override
              public StepReport observe(float[] row, long position) {
                if (observed.incrementAndGet() == 3) {
                  begun.countDown();
                  hold(goOn);
                }
                return super.observe(row, position);
              }
            };
          }

          @Override
          public OnlineModel restored(OnlineConfig config, DataInput state) throws IOException {
            return fakes.restored(config, state);
          }
        };
      }
    };
  }

  private static void hold(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean waitsForTheLearner(Thread closing) {
    return closing.getState() == Thread.State.WAITING
        && Arrays.stream(closing.getStackTrace())
            .anyMatch(frame -> frame.getClassName().equals(Learner.class.getName()));
  }

  private static void goBack(String model, CheckpointRecord target) throws Exception {
    topics.send(
        model + ".requests",
        new String(new RollBack(target).value(model), UTF_8),
        System.currentTimeMillis(),
        Map.of("nagare-control", "roll-back"));
  }

  /** The same, of which nobody has a copy. */
  private static CheckpointRecord lost(CheckpointRecord of) {
    return new CheckpointRecord(
        of.name().replaceAll("\\d+$", "999"),
        of.step(),
        "00".repeat(32),
        of.bytes(),
        of.chunks(),
        of.chunkOffset(),
        of.lineage(),
        of.recordsDigest(),
        of.stateHash(),
        of.configuration(),
        of.kernelId(),
        of.writtenAt());
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
