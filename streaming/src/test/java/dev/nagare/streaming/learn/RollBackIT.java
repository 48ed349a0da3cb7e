package dev.nagare.streaming.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nagare.models.online.Compute;
import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineModel;
import dev.nagare.models.online.RepeatLast;
import dev.nagare.models.online.StateOutput;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Role;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.streaming.rehearsal.CrashPoint;
import dev.nagare.streaming.rehearsal.OnlineModels;
import dev.nagare.streaming.rehearsal.Rehearsal;
import dev.nagare.tensor.MemoryPool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A roll-back goes through the log: whoever learns from it again comes to the same bits. */
class RollBackIT extends WithRollBacks {
  @TempDir Path elsewhere;

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

      InferenceResponse back = rollBack(model, target);

      assertThat(back.parameters())
          .containsEntry("receipt", "back.requests-0-21")
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
      rollBack(model, target);
      for (int i = 16; i < 24; i++) {
        learn(model, i);
      }
    }
    var newest = newest("replayed");
    assertThat(newest.get("next_offset").asLong()).isEqualTo(26);
    try (var cluster = new KafkaCluster(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      var compute = Compute.best(new MemoryPool("snapshots", 1 << 26));
      var json = new ProtocolJson(new MemoryPool("requests", 1 << 20));
      var rebuild = new Rebuild(cluster, model("replayed"), new ProductModels(compute), json);
      Rebuild.Rebuilt again = rebuild.upTo(0, 26, offset -> {});
      assertThat(again.stateHash()).isEqualTo(newest.get("state_hash").asText());
      assertThat(again.recordsDigest()).isEqualTo(newest.get("records_digest").asText());

      // No copy of the checkpoint is left but that in the log: nothing changes.
      deleteAll("nagare.snapshots");
      assertThat(rebuild.upTo(0, 26, offset -> {}).stateHash()).isEqualTo(again.stateHash());
    }
  }

  @Test
  void aReplayFromBeforeItComesToTheSameBitsThoughWhatItGoesBackToIsSuperseded() throws Exception {
    CheckpointRecord after;
    try (Streaming streaming = start("again", Rehearsal.NONE)) {
      ModelService model = streaming.model("again").orElseThrow();
      awaitConnected(model);
      CheckpointRecord target = learnTo(model, 0, 12);
      learnTo(model, 12, 14);
      learnTo(model, 14, 16);
      rollBack(model, target);
      after = awaitCheckpoint(model);
      assertThat(model.lineage().checkpoints()).hasSize(3).doesNotContain(target);
    }
    // The newest checkpoint is lost; of what was gone back to there is no copy, nor the beginning.
    Files.delete(data.resolve("again").resolve(after.name()));
    deleteAll("nagare.snapshots");
    topics.deleteBefore("again.requests", 5);
    try (Streaming streaming = start("again", Rehearsal.NONE)) {
      ModelService model = streaming.model("again").orElseThrow();
      await().atMost(LONG).until(() -> model.status().version() == after.step());
      assertThat(model.status().degraded()).isNull();
      assertThat(model.status().deadLetters()).isZero();
    }
    assertThat(newest("again").get("name").asText()).isNotEqualTo(after.name());
    assertThat(newest("again").get("next_offset").asLong()).isEqualTo(after.lineage().nextOffset());
    assertThat(newest("again").get("state_hash").asText()).isEqualTo(after.stateHash());
    assertThat(newest("again").get("records_digest").asText()).isEqualTo(after.recordsDigest());
    assertThat(predictions("again")).hasSize(16);
  }

  @Test
  void aLearnerThatIsFarBehindGoesBackToWhatIsSupersededWhenItComesToTheRecord() throws Exception {
    CheckpointRecord target;
    try (Streaming streaming = start("behind", Rehearsal.NONE)) {
      ModelService model = streaming.model("behind").orElseThrow();
      awaitConnected(model);
      target = learnTo(model, 0, 12);
    }
    send("behind", 12, 24);
    // Nobody learns now; the door is that of a process that never does.
    var answering =
        kafka(broker.bootstrapServers(), StreamingConfig.Topics.CREATE, Role.SCORER, "scorer");
    try (Streaming scorer = start(config(elsewhere, answering, "behind"), Rehearsal.NONE)) {
      ModelService model = scorer.model("behind").orElseThrow();
      await().atMost(LONG).until(() -> !model.lineage().checkpoints().isEmpty());
      assertThat(rollBack(model, target).parameters()).containsEntry("pending", true);
    }
    // One copy is left, in the folder, until three checkpoints later.
    deleteAll("nagare.snapshots");
    topics.deleteBefore("behind.requests", 12);
    var often = config(data, kafka(), List.of(often(model("behind"))));
    try (Streaming streaming = start(often, waitsAtTheTenthRowForFourCheckpoints())) {
      ModelService model = streaming.model("behind").orElseThrow();
      await().atMost(LONG).until(() -> model.status().version() == target.step() + 13);
      assertThat(model.status().degraded()).isNull();
      assertThat(model.status().deadLetters()).isZero();
    }
  }

  /** By then the one that it began with has left the folder. */
  private static Rehearsal waitsAtTheTenthRowForFourCheckpoints() {
    var rows = new AtomicInteger();
    var checkpoints = new CountDownLatch(4);
    return new Rehearsal() {
      @Override
      public void reached(CrashPoint point) {
        if (point == CrashPoint.AFTER_COMMIT) {
          checkpoints.countDown();
        } else if (point == CrashPoint.MID_STEP && rows.incrementAndGet() == 10) {
          hold(checkpoints);
        }
      }
    };
  }

  private static StreamingConfig.LearnedModel often(StreamingConfig.LearnedModel model) {
    return new StreamingConfig.LearnedModel(
        model.name(),
        model.topic(),
        model.format(),
        model.features(),
        null,
        model.online(),
        1,
        Duration.ofNanos(10_000));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MID_STEP")
  void whereverTheProcessDiesTheRecordCountsOnce(CrashPoint where) throws Exception {
    String name = "dies-" + where.name().toLowerCase(Locale.ROOT).replace('_', '-');
    try (Streaming streaming = start(name, diesAfterGoingBackAt(where))) {
      ModelService model = streaming.model(name).orElseThrow();
      awaitConnected(model);
      CheckpointRecord target = learnTo(model, 0, 6);
      learnTo(model, 6, 9);
      var _ = model.rollBack(body(target));
      await()
          .atMost(LONG)
          .until(() -> String.valueOf(model.status().degraded()).contains("died as planned"));
    }
    var expected = new RepeatLast(online(1));
    for (int i = 0; i < 9; i++) {
      expected.observe(row(i % 5), i);
    }
    expected.rollBack(stateAfter(6));
    try (Streaming streaming = start(name, FAKES)) {
      ModelService model = streaming.model(name).orElseThrow();
      awaitConnected(model);
      await().atMost(LONG).until(() -> model.status().version() == 10);
      InferenceResponse next = learn(model, 9);
      expected.observe(row(9 % 5), 9);
      assertThat(next.parameters()).containsEntry("version", "11");
      assertThat(model.status().deadLetters()).isZero();
    }
    assertThat(newest(name).get("state_hash").asText()).isEqualTo(expected.stateHash());
    assertThat(newest(name).get("examples").asLong()).isEqualTo(10);
    var ids = predictions(name).stream().map(prediction -> prediction.get("id").asText());
    assertThat(ids) // of each row one; the parts and the record are at 9 and 10
        .containsExactlyElementsOf(
            IntStream.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 11)
                .mapToObj(offset -> name + ".requests-0-" + offset)
                .toList());
  }

  @Test
  void aSnapshotOfWhichNoCopyIsLeftIsRefusedAtTheDoor() throws Exception {
    try (Streaming streaming = start("bare", FAKES)) {
      ModelService model = streaming.model("bare").orElseThrow();
      awaitConnected(model);
      CheckpointRecord target = learnTo(model, 0, 4);
      deleteAll("nagare.snapshots");
      assertRefused(
          model,
          "{\"version\":\"4\"}",
          409,
          "version 4 of model 'bare' cannot be gone back to: nagare.snapshots has no whole copy of"
              + " it any more; there are ["
              + target.step());
      assertThat(model.status().degraded()).isNull();
    }
    assertThat(topics.read("bare.requests")).hasSize(4);
  }

  /** The model that goes back arms the crash. */
  private static Rehearsal diesAfterGoingBackAt(CrashPoint where) {
    var armed = new AtomicBoolean();
    return new Rehearsal() {
      @Override
      public void reached(CrashPoint point) {
        if (point == where && armed.get()) {
          throw new IllegalStateException("died as planned at " + point);
        }
      }

      @Override
      public OnlineModels models(OnlineModels product) {
        OnlineModels fakes = FAKES.models(product);
        return new OnlineModels() {
          @Override
          public OnlineModel fresh(OnlineConfig config) {
            return new RepeatLast(config) {
              @Override
              public void rollBack(DataInput state) throws IOException {
                super.rollBack(state);
                armed.set(true);
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

  private static DataInput stateAfter(int rows) throws IOException {
    var model = new RepeatLast(online(1));
    for (int i = 0; i < rows; i++) {
      model.observe(row(i % 5), i);
    }
    var bytes = new ByteArrayOutputStream();
    model.save(new StateOutput(new DataOutputStream(bytes)));
    return new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
  }

  private static void hold(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
