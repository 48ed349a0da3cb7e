package dev.nagare.streaming.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
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
  private final LoggedCall call;

  RollBackDoor(LearnedModel config, Learner learner, LogAppender log) {
    this.config = config;
    this.learner = learner;
    this.call = new LoggedCall(config, learner, log);
  }

  /**
   * Goes back.
   *
   * @param body {@code {"version": …}}, the version of a checkpoint
   * @return the receipt and the version that answers as that one did; or the receipt alone, marked
   *     as pending
   * @throws ProtocolException 404 that names the versions there are
   */
  CompletableFuture<InferenceResponse> rollBack(byte[] body) {
    String version = version(body);
    List<CheckpointRecord> known = learner.reports().lineage().checkpoints();
    CheckpointRecord target =
        known.stream()
            .filter(checkpoint -> Long.toString(checkpoint.step()).equals(version))
            .findFirst()
            .orElseThrow(
                () ->
                    new ProtocolException(
                        404,
                        "version "
                            + version
                            + " of model '"
                            + config.name()
                            + "' is no snapshot that can be gone back to; there are "
                            + known.stream().map(CheckpointRecord::step).distinct().toList()));
    return call.append(new RollBack(target).value(config.name()), RollBack::headers, null);
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
