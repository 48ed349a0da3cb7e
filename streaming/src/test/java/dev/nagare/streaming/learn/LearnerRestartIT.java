package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.Topics;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Restarts, lost brokers, full disks: what was learned stays learned, once. */
class LearnerRestartIT extends WithBroker {
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
      long known = model.lineage().checkpoints().getFirst().step();
      assertThat(model.rollBack(("{\"version\":" + known + "}").getBytes(UTF_8)))
          .failsWithin(LONG)
          .withThrowableOfType(ExecutionException.class)
          .withMessageContaining("Kafka at " + broker.bootstrapServers() + " does not answer");
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
    learnTo(rows.length, "whole", Rehearsal.NONE);
    learnTo(40, "parted", Rehearsal.NONE);
    for (int i = 40; i < rows.length; i++) {
      topics.send("parted.requests", Topics.row(rows[i]));
    }
    topics.flush();
    // Dies before its last checkpoint: what came after the one before is learned again.
    learnTo(rows.length, "parted", on(fullWhile(new AtomicBoolean(true))));
    learnTo(rows.length, "parted", Rehearsal.NONE);

    assertThat(newest("parted").get("state_hash")).isEqualTo(newest("whole").get("state_hash"));
    assertThat(newest("parted").get("next_offset").asLong()).isEqualTo(rows.length);
    assertThat(newest("parted").get("records_digest"))
        .isEqualTo(newest("whole").get("records_digest"));
    List<JsonNode> parted = predictions("parted");
    List<JsonNode> whole = predictions("whole");
    assertThat(parted).hasSize(rows.length); // what was learned again was not written again
    for (int i = 0; i < rows.length; i++) {
      assertThat(parted.get(i).get("id").asText()).isEqualTo("parted.requests-0-" + i);
      assertThat(parted.get(i).get("outputs")).isEqualTo(whole.get(i).get("outputs"));
      assertThat(parted.get(i).get("model_version")).isEqualTo(whole.get(i).get("model_version"));
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
    try (Streaming streaming = start(data, FAKES, "lost", "lives")) {
      ModelService lost = streaming.model("lost").orElseThrow();
      await().atMost(LONG).until(() -> String.valueOf(lost.status().degraded()).contains("lost"));
      assertThat(lost.status().degraded())
          .startsWith("lost.requests-0 has offsets 20 to 29, offset 10 or later is wanted")
          .contains("give the model another name", "retention.ms");
      assertThat(lost.status().version()).isEqualTo(10);
      assertThat(ask(streaming, lost, window(3)).outputs()).hasSize(1);
      send("lives", 0, 10);
      await().atMost(LONG).until(() -> version(streaming, "lives") == 10);
      assertThat(streaming.model("lives").orElseThrow().status().degraded()).isNull();
    }
  }

  @Test
  void aFullDiskStopsCheckpointsAndNotLearning() throws Exception {
    var full = new AtomicBoolean(true);
    try (Streaming streaming = start(data, fakes(fullWhile(full)), "full")) {
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
    Streaming streaming = start(data, fakes(fullWhile(new AtomicBoolean(true))), "brim");
    try (streaming) {
      send("brim", 0, 3);
      await().atMost(LONG).until(() -> version(streaming, "brim") == 3);
    }
    assertThat(streaming.unsaved())
        .singleElement()
        .asString()
        .contains(
            "checkpoint of brim could not be written",
            "No space left on device",
            "free some space");
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
            model.topic(),
            model.format(),
            List.of("a", "c"),
            null,
            online(2),
            1,
            model.checkpointInterval());
    assertThatThrownBy(
            () ->
                start(
                    new StreamingConfig(
                        null,
                        1,
                        1,
                        1,
                        Duration.ofSeconds(1),
                        1 << 20,
                        data,
                        null,
                        List.of(changed)),
                    FAKES))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("are of another configuration, [a, b] OnlineConfig[")
        .hasMessageContaining("give the changed model another name");
    Path file = Files.writeString(data.resolve("file"), "in the way");
    assertThatThrownBy(() -> start(config(file, null, "other"), FAKES))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("choose another with data:");
    try (Streaming streaming = start(same, FAKES)) {
      assertThat(version(streaming, "other")).isEqualTo(3);
    }
  }
}
