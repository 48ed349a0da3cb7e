package dev.nagare.loadtest.bench.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Puts records into topics that nobody else writes, with a bounded number under way, as Kafka's
 * producer does unless it is told otherwise: records of five milliseconds go together. One request
 * for each would leave the broker, on the same core, little time for anything else.
 */
final class LogFeed implements AutoCloseable {
  private static final int UNDER_WAY = 2000;

  private final Producer<byte[], byte[]> producer;
  private final Semaphore room = new Semaphore(UNDER_WAY);
  private final Map<String, Long> counts = new HashMap<>();
  private volatile @Nullable Exception failure;

  /** To a broker. */
  LogFeed(String bootstrap) {
    this(
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "acks", "all", "batch.size", 262_144),
            new ByteArraySerializer(),
            new ByteArraySerializer()));
  }

  /** By a producer, which is closed with this. */
  LogFeed(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  /** How many records a topic has got, and so the offset of the next one. */
  long count(String topic) {
    return counts.getOrDefault(topic, 0L);
  }

  /** Puts in a record; waits while too many are under way. */
  void put(String topic, byte[] value, Map<String, String> headers)
      throws IOException, InterruptedException {
    var record = new ProducerRecord<byte[], byte[]>(topic, 0, null, value);
    headers.forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
    room.acquire();
    try {
      requireAll();
      var _ = producer.send(record, (metadata, refused) -> over(refused));
    } catch (IOException | RuntimeException e) {
      room.release(); // nobody calls back
      throw e;
    }
    counts.merge(topic, 1L, Long::sum);
  }

  private void over(@Nullable Exception refused) {
    if (refused != null) {
      failure = refused;
    }
    room.release();
  }

  /** Records of which it is not known yet what became of them. */
  int underWay() {
    return UNDER_WAY - room.availablePermits();
  }

  /** Waits until the broker has all of them. */
  void flush() throws IOException {
    producer.flush();
    requireAll();
  }

  private void requireAll() throws IOException {
    Exception refused = failure;
    if (refused != null) {
      throw new IOException(
          "a record did not get into its topic: " + refused.getMessage(), refused);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
