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
  private StreamingSections() {}

  static StreamingConfig read(Section root) {
    Section compute = root.section("compute");
    int lanes = compute.integer("lanes", Runtime.getRuntime().availableProcessors(), 1, 1024);
    int batchRows = compute.integer("max-batch-rows", 64, 1, 65_536);
    int queueRows = compute.integer("queue-rows", 1024, 1, 1 << 24);
    int targetMillis = compute.integer("target-p99-ms", 1000, 1, 600_000);
    long requestBytes =
        compute.integer("request-memory-bytes", 64L << 20, 1L << 20, Long.MAX_VALUE);
    compute.end();
    Path data = Path.of(root.text("data", "./data"));
    @Nullable Kafka kafka = root.has("kafka") ? KafkaSection.read(root.section("kafka")) : null;
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
    for (Section in : root.sections("models")) {
      LearnedModel model = ModelSection.read(in);
      if (!names.add(model.name()) && !model.name().isEmpty()) {
        in.fault("name", "expected another name for each model, got '" + model.name() + "' twice");
      }
      requireOwnTopics(in, model, topics);
      models.add(model);
    }
    if (models.isEmpty() && repository == null) {
      root.fault(
          "models",
          "expected at least one model, such as [{name: pulse, features: [load]}], or a folder of"
              + " them in repository, got none");
    }
    models.stream()
        .filter(model -> model.capture() && !root.has("kafka"))
        .forEach(
            model ->
                root.fault(
                    "kafka",
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
            in.fault("topic", "expected a topic of its own, got " + topic + ", " + other);
          }
        });
    if (mine.size() < 3) {
      in.fault("topic", "expected another topic than the model writes, got " + model.topic());
    }
  }
}
