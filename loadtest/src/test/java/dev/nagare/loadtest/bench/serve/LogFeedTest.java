package dev.nagare.loadtest.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Map;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogFeedTest {
  private static final byte[] VALUE = {1};

  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final LogFeed feed = new LogFeed(producer);

  @AfterEach
  void close() {
    feed.close();
  }

  @Test
  void aRecordIsUnderWayUntilTheBrokerHasIt() throws Exception {
    feed.put("a", VALUE, Map.of("kind", "x"));
    feed.put("a", VALUE, Map.of());
    assertThat(feed.underWay()).isEqualTo(2);
    assertThat(producer.completeNext()).isTrue();
    assertThat(feed.underWay()).isEqualTo(1);
    assertThat(feed.count("a")).isEqualTo(2);
    feed.flush();
    assertThat(feed.underWay()).isZero();
  }

  @Test
  void whatTheProducerDoesNotTakeIsNotUnderWayAndHasNoOffset() throws Exception {
    producer.sendException = new KafkaException("no room");
    assertThatThrownBy(() -> feed.put("a", VALUE, Map.of())).hasMessage("no room");
    assertThat(feed.underWay()).isZero();
    assertThat(feed.count("a")).isZero();
    producer.sendException = null;
    feed.put("a", VALUE, Map.of());
    assertThat(feed.count("a")).isEqualTo(1);
    assertThat(producer.completeNext()).isTrue();
  }

  @Test
  void whoeverComesAfterARecordThatWasRefusedIsToldAndNotUnderWay() throws Exception {
    feed.put("a", VALUE, Map.of());
    assertThat(producer.errorNext(new KafkaException("refused"))).isTrue();
    assertThatThrownBy(() -> feed.put("a", VALUE, Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessage("a record did not get into its topic: refused");
    assertThat(feed.underWay()).isZero();
    assertThat(feed.count("a")).isEqualTo(1);
  }
}
