package dev.nagare.server.replay;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.kafka.ClusterProbe;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a command needs of a start-up file, or of a cluster, and the remedy where it is not there.
 */
final class Configured {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Configured() {}

  /** The model of that name. */
  static LearnedModel model(NagareConfig config, String name) {
    List<LearnedModel> models = config.streaming().models();
    return models.stream()
        .filter(model -> model.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.USAGE,
                    "--model: expected one of "
                        + models.stream().map(LearnedModel::name).toList()
                        + ", got '"
                        + name
                        + "'"));
  }

  /** The cluster's client properties. */
  static Map<String, String> properties(NagareConfig config) {
    StreamingConfig.Kafka kafka = config.streaming().kafka();
    if (kafka == null) {
      throw new CommandException(
          ExitCode.USAGE, "--config: expected a section kafka in the file, got none");
    }
    return kafka.properties();
  }

  /** Fails unless the cluster answers and has the topic. */
  static void requireTopic(Map<String, String> properties, String topic)
      throws InterruptedException {
    String servers = properties.get("bootstrap.servers");
    ClusterProbe probe = ClusterProbe.ask(properties, PATIENCE);
    if (probe.problem().isPresent()) {
      throw new CommandException(
          ExitCode.MISSING, "Kafka at " + servers + ": " + probe.problem().get());
    }
    if (!probe.topics().contains(topic)) {
      throw new CommandException(
          ExitCode.MISSING,
          "topic %s is missing: start the server that learns from it with kafka: topics: create, or kafka-topics.sh --bootstrap-server %s --create --topic %s --partitions 1"
              .formatted(topic, servers, topic));
    }
  }
}
