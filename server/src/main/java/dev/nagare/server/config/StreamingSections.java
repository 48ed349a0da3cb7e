package dev.nagare.server.config;

import dev.nagare.models.online.ForecasterConfig;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.StreamingConfig.Kafka;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingConfig.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sections {@code compute}, {@code data}, {@code kafka} and {@code models}. */
final class StreamingSections {
  private StreamingSections() {}

  static StreamingConfig read(Section root) {
    Section compute = root.section("compute");
    int lanes = compute.integer("lanes", Runtime.getRuntime().availableProcessors(), 1, 1024);
    int batchRows = compute.integer("max-batch-rows", 64, 1, 65_536);
    int queueRows = compute.integer("queue-rows", 1024, 1, 1 << 24);
    long requestBytes =
        compute.integer("request-memory-bytes", 64L << 20, 1L << 20, Long.MAX_VALUE);
    compute.end();
    Path data = Path.of(root.text("data", "./data"));
    @Nullable Kafka kafka = root.has("kafka") ? kafka(root.section("kafka")) : null;
    return new StreamingConfig(
        kafka, lanes, batchRows, queueRows, requestBytes, data, models(root));
  }

  private static Kafka kafka(Section in) {
    Topics topics = in.choice("topics", Topics.VERIFY);
    Map<String, String> properties = in.open("properties");
    if (properties.getOrDefault("bootstrap.servers", "").isBlank()) {
      in.fault(
          "properties",
          "expected bootstrap.servers, such as \"127.0.0.1:9092\", got none; leave the section kafka"
              + " out for a server without Kafka");
    }
    in.end();
    return new Kafka(Map.copyOf(properties), topics);
  }

  private static List<LearnedModel> models(Section root) {
    var models = new ArrayList<LearnedModel>();
    var names = new HashSet<String>();
    for (Section in : root.sections("models")) {
      LearnedModel model = model(in);
      if (!names.add(model.name()) && !model.name().isEmpty()) {
        in.fault("name", "expected another name for each model, got '" + model.name() + "' twice");
      }
      models.add(model);
    }
    if (models.isEmpty()) {
      root.fault(
          "models",
          "expected at least one model, such as [{name: pulse, features: [load]}], got none");
    }
    return List.copyOf(models);
  }

  private static LearnedModel model(Section in) {
    // Kafka allows no other characters in the topics that are named after the model.
    String name =
        in.required(
            "name",
            "a name of letters, digits, '.', '_' and '-'",
            "[A-Za-z0-9][A-Za-z0-9._-]{0,199}");
    List<String> features = in.texts("features");
    if (features.isEmpty()) {
      in.fault("features", "expected the names of the values in a row, in order, got none");
    } else if (new HashSet<>(features).size() < features.size()) {
      in.fault("features", "expected each name once, got " + features);
    }
    int publishEvery = in.integer("publish-every-steps", 1, 1, Integer.MAX_VALUE);
    int checkpointSeconds = in.integer("checkpoint-interval-seconds", 10, 1, 86_400);
    ForecasterConfig forecaster = learner(in.section("learner"), Math.max(1, features.size()));
    in.end();
    return new LearnedModel(
        name, features, forecaster, publishEvery, Duration.ofSeconds(checkpointSeconds));
  }

  private static ForecasterConfig learner(Section in, int features) {
    var usual = ForecasterConfig.of(features);
    var config =
        new ForecasterConfig(
            features,
            in.integer("window", usual.window(), 2, 4096),
            in.integer("hidden", usual.hidden(), 1, 4096),
            in.decimal("learning-rate", usual.learningRate(), 0, true),
            in.integer("warm-up-steps", usual.warmUpSteps(), 0, Long.MAX_VALUE),
            in.integer("decay-steps", usual.decaySteps(), 0, Long.MAX_VALUE),
            in.decimal("final-learning-rate", usual.finalLearningRate(), 0, true),
            in.decimal("clip-norm", usual.clipNorm(), 0, false),
            in.decimal("huber-delta", usual.huberDelta(), 0, false),
            in.integer("score-window", usual.scoreWindow(), 1, 1_000_000),
            in.integer("seed", usual.seed(), Long.MIN_VALUE, Long.MAX_VALUE));
    in.end();
    return config;
  }
}
