package dev.nagare.streaming.kafka;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Compares topics with what they must be, and creates those that are missing. */
final class TopicCheck {
  private static final int PATIENCE_MILLIS = 5_000;
  private static final String CLEANUP = "cleanup.policy";
  private static final String REPLICATION = "default.replication.factor";

  private final Admin admin;
  private final String tools;

  /**
   * Creates a check.
   *
   * @param tools what Kafka's command line tools need to reach the cluster
   */
  TopicCheck(Admin admin, String tools) {
    this.admin = admin;
    this.tools = tools;
  }

  /** As {@link KafkaCluster#requireTopics}. */
  void require(List<TopicSpec> topics, boolean create) {
    var names = topics.stream().map(TopicSpec::name).toList();
    var options = new DescribeTopicsOptions().timeoutMs(PATIENCE_MILLIS);
    Map<String, KafkaFuture<TopicDescription>> found =
        admin.describeTopics(names, options).topicNameValues();
    var faults = new ArrayList<String>();
    var missing = new ArrayList<TopicSpec>();
    var there = new TreeMap<String, TopicDescription>();
    for (TopicSpec spec : topics) {
      try {
        there.put(spec.name(), answer(found, spec.name()));
      } catch (UnknownTopicOrPartitionException e) {
        missing.add(spec);
      } catch (AuthorizationException e) {
        faults.add(denied(spec, "Describe"));
      }
    }
    if (!there.isEmpty()) {
      compare(topics, there, faults);
    }
    if (create) {
      create(missing, faults);
    } else {
      missing.forEach(
          spec ->
              faults.add(
                  "%s (%s) is missing: %s, or set kafka: topics: create"
                      .formatted(spec.name(), spec.why(), TopicState.creation(spec, tools))));
    }
    if (!faults.isEmpty()) {
      throw new TopicFaultsException(faults);
    }
  }

  private void compare(
      List<TopicSpec> topics, Map<String, TopicDescription> there, List<String> faults) {
    TopicState.Cluster cluster = cluster();
    var resources = there.keySet().stream().map(TopicCheck::topic).toList();
    var options = new DescribeConfigsOptions().timeoutMs(PATIENCE_MILLIS);
    Map<ConfigResource, KafkaFuture<Config>> configs =
        admin.describeConfigs(resources, options).values();
    for (TopicSpec spec : topics) {
      TopicDescription description = there.get(spec.name());
      if (description != null) {
        try {
          Config config = answer(configs, topic(spec.name()));
          faults.addAll(state(description, value(config, CLEANUP)).faults(spec, cluster));
        } catch (AuthorizationException e) {
          faults.add(denied(spec, "DescribeConfigs"));
        }
      }
    }
  }

  private static TopicState state(TopicDescription description, @Nullable String cleanup) {
    var first = description.partitions().getFirst();
    return new TopicState(
        description.partitions().size(),
        cleanup == null ? "" : cleanup,
        first.replicas().stream().map(Node::id).toList());
  }

  /** Who may not ask a broker for its settings gets no word on replication. */
  private TopicState.Cluster cluster() {
    var options = new DescribeClusterOptions().timeoutMs(PATIENCE_MILLIS);
    List<Integer> brokers =
        KafkaCluster.answer(admin.describeCluster(options).nodes()).stream()
            .map(Node::id)
            .sorted(Comparator.naturalOrder())
            .toList();
    int replication = 1;
    if (!brokers.isEmpty()) {
      var broker =
          new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(brokers.getFirst()));
      var patience = new DescribeConfigsOptions().timeoutMs(PATIENCE_MILLIS);
      try {
        Config config = answer(admin.describeConfigs(List.of(broker), patience).values(), broker);
        String usual = value(config, REPLICATION);
        replication = usual == null ? 1 : Integer.parseInt(usual);
      } catch (AuthorizationException e) {
        replication = 1;
      }
    }
    return new TopicState.Cluster(brokers, replication, tools);
  }

  private void create(List<TopicSpec> missing, List<String> faults) {
    List<NewTopic> topics =
        missing.stream()
            .map(
                spec ->
                    new NewTopic(spec.name(), Optional.of(1), Optional.<Short>empty())
                        .configs(Map.of(CLEANUP, TopicState.policy(spec))))
            .toList();
    var options = new CreateTopicsOptions().timeoutMs(PATIENCE_MILLIS);
    var created = admin.createTopics(topics, options).values();
    for (TopicSpec spec : missing) {
      try {
        answer(created, spec.name());
      } catch (TopicExistsException e) {
        // Somebody else was faster, and wants the same of it.
      } catch (KafkaException e) {
        faults.add(
            "%s (%s) could not be created (%s): %s"
                .formatted(
                    spec.name(), spec.why(), e.getMessage(), TopicState.creation(spec, tools)));
      }
    }
  }

  private String denied(TopicSpec spec, String operation) {
    return "%s (%s): this user may not %s it: kafka-acls.sh%s --add --allow-principal User:NAME --operation %s --topic %s"
        .formatted(spec.name(), spec.why(), operation, tools, operation, spec.name());
  }

  private static <K, T extends @Nullable Object> T answer(Map<K, KafkaFuture<T>> futures, K key) {
    return KafkaCluster.answer(Objects.requireNonNull(futures.get(key), "what was asked for"));
  }

  private static ConfigResource topic(String name) {
    return new ConfigResource(ConfigResource.Type.TOPIC, name);
  }

  private static @Nullable String value(Config config, String name) {
    ConfigEntry entry = config.get(name);
    return entry == null ? null : entry.value();
  }
}
