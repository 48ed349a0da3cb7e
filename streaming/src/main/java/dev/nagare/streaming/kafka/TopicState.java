package dev.nagare.streaming.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a topic is like.
 *
 * @param partitions of the topic
 * @param cleanup its {@code cleanup.policy}
 * @param replicas ids of the brokers that have its first partition
 */
record TopicState(int partitions, String cleanup, List<Integer> replicas) {

  /**
   * The cluster around a topic.
   *
   * @param brokers ids of those that are up
   * @param replication copies that it gives to a topic that does not ask for a number
   * @param tools what its command line tools need, from {@code --bootstrap-server} on
   */
  record Cluster(List<Integer> brokers, int replication, String tools) {}

  /** What is not as it must be, each with the command that mends it. */
  List<String> faults(TopicSpec spec, Cluster cluster) {
    var faults = new ArrayList<String>();
    if (partitions != 1) {
      faults.add(
          "%s (%s) has %d partitions, expected 1, since there is one order of records: delete it with kafka-topics.sh%s --delete --topic %s and create it again with %s"
              .formatted(
                  spec.name(),
                  spec.why(),
                  partitions,
                  cluster.tools(),
                  spec.name(),
                  creation(spec, cluster.tools())));
    }
    if (!cleanup.equals(policy(spec))) {
      faults.add(
          "%s (%s) has cleanup.policy=%s, expected %s: kafka-configs.sh%s --alter --entity-type topics --entity-name %s --add-config cleanup.policy=%s"
              .formatted(
                  spec.name(),
                  spec.why(),
                  cleanup,
                  policy(spec),
                  cluster.tools(),
                  spec.name(),
                  policy(spec)));
    }
    if (partitions == 1 && lacksReplicas(cluster)) {
      faults.add(
          "%s (%s) has replication factor %d, expected %d as this cluster's other topics: echo '%s' > %s.json && kafka-reassign-partitions.sh%s --reassignment-json-file %s.json --execute"
              .formatted(
                  spec.name(),
                  spec.why(),
                  replicas.size(),
                  cluster.replication(),
                  reassignment(spec, cluster),
                  spec.name(),
                  cluster.tools(),
                  spec.name()));
    }
    return faults;
  }

  /** A cluster of three can lose a broker; a topic with fewer copies than usual cannot. */
  private boolean lacksReplicas(Cluster cluster) {
    return cluster.brokers().size() >= 3
        && cluster.brokers().size() >= cluster.replication()
        && replicas.size() < cluster.replication();
  }

  private String reassignment(TopicSpec spec, Cluster cluster) {
    var wanted = new ArrayList<>(replicas);
    for (int broker : cluster.brokers()) {
      if (wanted.size() < cluster.replication() && !wanted.contains(broker)) {
        wanted.add(broker);
      }
    }
    return "{\"version\":1,\"partitions\":[{\"topic\":\"%s\",\"partition\":0,\"replicas\":%s}]}"
        .formatted(spec.name(), wanted.toString().replace(" ", ""));
  }

  /** The command that creates a topic as it must be. */
  static String creation(TopicSpec spec, String tools) {
    return "kafka-topics.sh%s --create --topic %s --partitions 1 --config cleanup.policy=%s"
        .formatted(tools, spec.name(), policy(spec));
  }

  /** As Kafka spells it. */
  static String policy(TopicSpec spec) {
    return spec.cleanup().name().toLowerCase(Locale.ROOT);
  }
}
