package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.TopicFaultsException;
import dev.nagare.streaming.kafka.TopicSpec;
import dev.nagare.streaming.kafka.TopicSpec.Cleanup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Topics of a real broker against what they must be. */
class TopicCheckIT {
  @TempDir static Path brokerData;
  private static BrokerProcess broker;
  private static KafkaCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    broker = new BrokerProcess(brokerData);
    cluster = new KafkaCluster(Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  @AfterAll
  static void stop() {
    cluster.close();
    broker.close();
  }

  @Test
  void createsWhatIsMissingAsItMustBe() {
    var specs =
        List.of(
            new TopicSpec("new.requests", Cleanup.DELETE, "the records"),
            new TopicSpec("new.registry", Cleanup.COMPACT, "the registry"));

    cluster.requireTopics(specs, true);

    assertThatCode(() -> cluster.requireTopics(specs, false)).doesNotThrowAnyException();
    assertThatCode(() -> cluster.requireTopics(specs, true)).doesNotThrowAnyException();
  }

  @Test
  void namesAllFaultsAtOnceWithTheCommandThatMendsEach() throws Exception {
    try (var topics = new Topics(broker.bootstrapServers())) {
      topics.create("old.registry");
    }
    var specs =
        List.of(
            new TopicSpec("old.registry", Cleanup.COMPACT, "the registry"),
            new TopicSpec("old.requests", Cleanup.DELETE, "the records"),
            new TopicSpec("old.predictions", Cleanup.DELETE, "the predictions"));

    assertThatThrownBy(() -> cluster.requireTopics(specs, false))
        .isInstanceOf(TopicFaultsException.class)
        .hasMessageContaining("--entity-name old.registry --add-config cleanup.policy=compact")
        .hasMessageContaining(
            "old.requests (the records) is missing: kafka-topics.sh --bootstrap-server "
                + broker.bootstrapServers()
                + " --create --topic old.requests --partitions 1 --config cleanup.policy=delete, or"
                + " set kafka: topics: create")
        .hasMessageContaining("old.predictions (the predictions) is missing");
  }

  @Test
  void aBrokerOfThisProjectHasTheTransactionsThatLearnersNeed() {
    assertThatCode(cluster::requireTransactions).doesNotThrowAnyException();
  }
}
