package dev.nagare.streaming.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.streaming.BrokerProcess;
import dev.nagare.streaming.Delivery;
import dev.nagare.streaming.Topics;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs without transactions, at a real broker. */
class AtLeastOnceWriterIT {
  private static final byte[] KEY = "key".getBytes(UTF_8);

  @TempDir static Path data;
  private static BrokerProcess broker;
  private static Topics topics;
  private static KafkaCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    broker = new BrokerProcess(data);
    topics = new Topics(broker.bootstrapServers());
    topics.create("rows", "outputs");
    cluster =
        new KafkaCluster(
            Map.of("bootstrap.servers", broker.bootstrapServers()), Delivery.AT_LEAST_ONCE);
  }

  @AfterAll
  static void stop() {
    cluster.close();
    topics.close();
    broker.close();
  }

  @Test
  void outputsAreThereBeforeTheirOffsetIs() throws Exception {
    try (OutputWriter writer = cluster.outputs(cluster.fence("prompt", "prompt"))) {
      writer.begin();
      long offset = writer.sendAndWait("outputs", KEY, KEY);
      writer.sendOffset("rows", 7);
      assertThat(topics.read("outputs")).hasSize((int) offset + 1);
      assertThat(cluster.committed("prompt", "rows")).isEmpty();
      writer.commit();
      writer.settle();
      assertThat(cluster.committed("prompt", "rows")).hasValue(7);
    }
  }

  @Test
  void whoeverWasReplacedLearnsOfItByTheNextOffset() {
    try (OutputWriter writer = cluster.outputs(cluster.fence("shared", "shared"));
        OutputWriter next = cluster.outputs(cluster.fence("shared", "shared"))) {
      writer.sendOffset("rows", 3);
      assertThatThrownBy(writer::settle).isInstanceOf(KafkaException.class);
      next.sendOffset("rows", 2);
      next.settle();
      assertThat(cluster.committed("shared", "rows")).hasValue(2);
    }
  }

  @Test
  void anOutputThatTheBrokerRefusesKeepsItsOffsetBack() {
    try (OutputWriter writer = cluster.outputs(cluster.fence("refused", "refused"))) {
      writer.begin();
      writer.send("outputs", KEY, new byte[2 << 20], Map.of());
      writer.sendOffset("rows", 9);
      assertThatThrownBy(writer::commit).isInstanceOf(RecordTooLargeException.class);
      assertThatThrownBy(writer::settle).isInstanceOf(RecordTooLargeException.class);
    }
    assertThat(cluster.committed("refused", "rows")).isEmpty();
  }
}
