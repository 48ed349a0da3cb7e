package dev.nagare.server.config;

import dev.nagare.streaming.RepositoryConfig;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.StreamingConfig.Kafka;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sections {@code compute}, {@code data}, {@code kafka}, {@code repository} and {@code models}.
 */
final class StreamingSections {
  private static final Key COMPUTE =
      Key.of("compute", "The lanes and what waits for them. [Batching](batching.md)");
  private static final Key LANES = Key.of("lanes", "compute threads").usually("processors");
  private static final Key MAX_BATCH_ROWS =
      Key.of(
              "max-batch-rows",
              "most rows that a lane runs at once: an upper bound of memory; what bounds"
                  + " time is the target")
          .in("rows");
  private static final Key QUEUE_ROWS =
      Key.of(
              "queue-rows",
              "most rows that wait, for each class (interactive, streams, learning), and"
                  + " most in one request; what comes beyond is refused with 429")
          .in("rows");
  private static final Key TARGET =
      Key.of(
              "target-p99-ms",
              "what waiting and computing are meant to take at the 99th percentile: limits"
                  + " batches and, for callers who give no deadline, the wait")
          .in("ms");
  private static final Key REQUEST_MEMORY =
      Key.of(
              "request-memory-bytes",
              "most bytes of requests inside the process, all doors together")
          .in("bytes");
  private static final Key DATA =
      Key.of("data", "folder of the checkpoints, one folder per model in it").within("a folder");
  private static final Key KAFKA =
      Key.of("kafka", "The cluster. Absent: a plain server that does not learn");
  private static final Key MODELS = Key.of("models", "The models that learn, an entry each");

  private StreamingSections() {}

  static StreamingConfig read(Section root) {
    Section compute = root.section(COMPUTE);
    int lanes = compute.integer(LANES, Runtime.getRuntime().availableProcessors(), 1, 1024);
    int batchRows = compute.integer(MAX_BATCH_ROWS, 64, 1, 65_536);
    int queueRows = compute.integer(QUEUE_ROWS, 1024, 1, 1 << 24);
    int targetMillis = compute.integer(TARGET, 1000, 1, 600_000);
    long requestBytes = compute.integer(REQUEST_MEMORY, 64L << 20, 1L << 20, Long.MAX_VALUE);
    compute.end();
    Path data = Path.of(root.text(DATA, "./data"));
    @Nullable Kafka kafka = root.has(KAFKA) ? KafkaSection.read(root.section(KAFKA)) : null;
    @Nullable RepositoryConfig repository = RepositorySection.read(root);
    return new StreamingConfig(
        kafka,
        lanes,
        batchRows,
        queueRows,
        Duration.ofMillis(targetMillis),
        requestBytes,
        data,
        repository,
        models(root, repository));
  }

  private static List<LearnedModel> models(Section root, @Nullable RepositoryConfig repository) {
    var models = new ArrayList<LearnedModel>();
    var names = new HashSet<String>();
    var topics = new HashMap<String, String>();
    topics.put("nagare.registry", "the registry of this deployment");
    topics.put("nagare.snapshots", "the snapshots of this deployment");
    for (Section in : root.sections(MODELS)) {
      LearnedModel model = ModelSection.read(in);
      if (!names.add(model.name()) && !model.name().isEmpty()) {
        in.fault(
            ModelSection.NAME,
            "expected another name for each model, got '" + model.name() + "' twice");
      }
      requireOwnTopics(in, model, topics);
      models.add(model);
    }
    if (models.isEmpty() && repository == null) {
      root.fault(
          MODELS,
          "expected at least one model, such as [{name: pulse, features: [load]}], or a folder of"
              + " them in repository, got none");
    }
    models.stream()
        .filter(model -> model.capture() && !root.has(KAFKA))
        .forEach(
            model ->
                root.fault(
                    KAFKA,
                    "expected a cluster, since " + model.name() + " has capture: sync, got none"));
    return List.copyOf(models);
  }

  /** Each topic has one use: what one model writes is not what another one learns from. */
  private static void requireOwnTopics(Section in, LearnedModel model, Map<String, String> topics) {
    if (model.name().isEmpty()) {
      return;
    }
    var mine = new LinkedHashMap<String, String>();
    mine.put(model.topic(), "the topic that " + model.name() + " learns from");
    mine.putIfAbsent(model.name() + ".predictions", "the predictions of " + model.name());
    mine.putIfAbsent(model.name() + ".dead-letter", "the dead letters of " + model.name());
    if (model.joining() != null) {
      mine.put(model.name() + ".labels", "the labels of " + model.name());
    }
    mine.forEach(
        (topic, use) -> {
          String other = topics.putIfAbsent(topic, use);
          if (other != null && !other.equals(use)) {
            in.fault(
                ModelSection.TOPIC, "expected a topic of its own, got " + topic + ", " + other);
          }
        });
    if (mine.size() < 3) {
      in.fault(
          ModelSection.TOPIC, "expected another topic than the model writes, got " + model.topic());
    }
  }
}
