package dev.nagare.streaming.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.streaming.kafka.TopicSpec.Cleanup;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopicStateTest {
  private static final String TOOLS = " --bootstrap-server b:9092";
  private static final TopicSpec REGISTRY =
      new TopicSpec("nagare.registry", Cleanup.COMPACT, "checkpoints of all models");

  @Test
  void aTopicAsItMustBeHasNoFaults() {
    var cluster = new TopicState.Cluster(List.of(1, 2, 3), 3, TOOLS);
    assertThat(new TopicState(1, "compact", List.of(1, 2, 3)).faults(REGISTRY, cluster)).isEmpty();
  }

  @Test
  void allFaultsAreNamedWithTheirCommands() {
    var cluster = new TopicState.Cluster(List.of(1), 1, TOOLS);
    assertThat(new TopicState(4, "delete", List.of(1)).faults(REGISTRY, cluster))
        .containsExactly(
            "nagare.registry (checkpoints of all models) has 4 partitions, expected 1, since there is one order of records: delete it with kafka-topics.sh --bootstrap-server b:9092 --delete --topic nagare.registry and create it again with kafka-topics.sh --bootstrap-server b:9092 --create --topic nagare.registry --partitions 1 --config cleanup.policy=compact",
            "nagare.registry (checkpoints of all models) has cleanup.policy=delete, expected compact: kafka-configs.sh --bootstrap-server b:9092 --alter --entity-type topics --entity-name nagare.registry --add-config cleanup.policy=compact");
  }

  @Test
  void recordsThatAreLearnedMayNotBeCompactedAway() {
    var requests = new TopicSpec("m.requests", Cleanup.DELETE, "the records that m learns from");
    var cluster = new TopicState.Cluster(List.of(1), 1, TOOLS);
    assertThat(new TopicState(1, "compact,delete", List.of(1)).faults(requests, cluster))
        .singleElement()
        .asString()
        .contains("has cleanup.policy=compact,delete, expected delete");
  }

  @Test
  void aTopicWithFewerCopiesThanUsualIsNamedWhereACopyMayBeLost() {
    var topic = new TopicState(1, "compact", List.of(2));
    assertThat(topic.faults(REGISTRY, new TopicState.Cluster(List.of(1, 2, 3, 4), 3, TOOLS)))
        .singleElement()
        .asString()
        .contains("has replication factor 1, expected 3")
        .contains("\"topic\":\"nagare.registry\",\"partition\":0,\"replicas\":[2,1,3]");
    assertThat(topic.faults(REGISTRY, new TopicState.Cluster(List.of(1, 2), 3, TOOLS))).isEmpty();
    assertThat(topic.faults(REGISTRY, new TopicState.Cluster(List.of(1, 2, 3), 1, TOOLS)))
        .isEmpty();
  }
}
