package dev.nagare.streaming.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.checkpoint.Registry;
import dev.nagare.streaming.join.Unlogged;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LogAppender;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Takes a model back to one of its checkpoints, by a record in the log that it learns from.
 *
 * <p>Safe for any thread; never blocks.
 */
final class RollBackDoor {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LearnedModel config;
  private final Learner learner;
  private final KafkaCluster cluster;
  private final LogAppender log;
  private final LoggedCall call;

  RollBackDoor(LearnedModel config, Learner learner, KafkaCluster cluster, LogAppender log) {
    this.config = config;
    this.learner = learner;
    this.cluster = cluster;
    this.log = log;
    this.call = new LoggedCall(config, learner, log);
  }

  /**
   * Goes back: puts a copy of the checkpoint into the log, then the record that goes back to it.
   *
   * @param body {@code {"version": …}}, the version of a checkpoint
   * @return the receipt and the version that answers as that one did; or the receipt alone, marked
   *     as pending. Fails with a {@link ProtocolException}: 409 if no copy of the checkpoint is
   *     left, or the learner cannot go back to it, 413, 429 or 503 if the log does not take it
   * @throws ProtocolException 404 that names the versions there are, 503 without Kafka
   */
  CompletableFuture<InferenceResponse> rollBack(byte[] body) {
    CheckpointRecord target = target(version(body));
    if (cluster.isAway()) {
      throw new ProtocolException(503, "Kafka at " + cluster.servers() + " does not answer");
    }
    return CompletableFuture.supplyAsync(() -> copy(target), RollBackDoor::start)
        .thenCompose(blob -> SnapshotParts.append(log, config.topic(), blob))
        .exceptionallyCompose(failure -> CompletableFuture.failedFuture(Unlogged.refusal(failure)))
        .thenCompose(
            parts ->
                call.append(
                    new RollBack(target, parts).value(config.name()), RollBack::headers, null));
  }

  /** To read a checkpoint from the topic may take long. */
  private static void start(Runnable reading) {
    Thread.ofVirtual().name("nagare-roll-back").start(reading);
  }

  private CheckpointRecord target(String version) {
    return known().stream()
        .filter(checkpoint -> Long.toString(checkpoint.step()).equals(version))
        .findFirst()
        .orElseThrow(() -> refused(404, version, "is no snapshot that can be gone back to"));
  }

  private byte[] copy(CheckpointRecord target) {
    return new Registry(cluster)
        .fetch(target)
        .orElseThrow(
            () ->
                refused(
                    409,
                    Long.toString(target.step()),
                    "cannot be gone back to: "
                        + Registry.SNAPSHOTS
                        + " has no whole copy of it any more"));
  }

  private List<CheckpointRecord> known() {
    return learner.reports().lineage().checkpoints();
  }

  private ProtocolException refused(int status, String version, String why) {
    return new ProtocolException(
        status,
        "version "
            + version
            + " of model '"
            + config.name()
            + "' "
            + why
            + "; there are "
            + known().stream().map(CheckpointRecord::step).distinct().toList());
  }

  private static String version(byte[] body) {
    try {
      JsonNode root = JSON.readTree(body);
      JsonNode version = root == null ? null : root.get("version");
      if (version != null && (version.isTextual() || version.isIntegralNumber())) {
        return version.asText();
      }
      throw new ProtocolException(400, "expected {\"version\": …}, got " + version);
    } catch (IOException e) {
      throw new ProtocolException(400, "malformed JSON: expected {\"version\": …}");
    }
  }
}
