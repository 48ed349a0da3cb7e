package dev.nagare.streaming.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Writes records outside transactions, so that readers have them at once, and offsets once a second
 * in transactions of their own: an offset never covers a record that the broker does not have. A
 * process that was replaced learns of it by its next offset.
 *
 * <p>For one thread at a time.
 */
final class AtLeastOnceWriter implements OutputWriter {
  private static final long OFFSETS_NANOS = 1_000_000_000L;

  private final Producer<byte[], byte[]> producer;
  private final TransactionalWriter offsets;
  private final Map<String, Long> done = new HashMap<>();
  private long settledNanos = System.nanoTime();
  private volatile @Nullable Exception failure;

  /**
   * Creates a writer.
   *
   * @param producer without a transactional id; closed with the writer
   * @param offsets the owner's, fenced; closed with the writer
   */
  AtLeastOnceWriter(Producer<byte[], byte[]> producer, TransactionalWriter offsets) {
    this.producer = producer;
    this.offsets = offsets;
  }

  @Override
  public void begin() {
    // Each record is there by itself.
  }

  @Override
  public void send(
      String topic, byte @Nullable [] key, byte @Nullable [] value, Map<String, String> headers) {
    var _ =
        producer.send(
            TransactionalWriter.record(topic, key, value, headers),
            (metadata, refused) -> {
              if (refused != null && failure == null) {
                failure = refused;
              }
            });
  }

  @Override
  public long sendAndWait(String topic, byte[] key, byte @Nullable [] value)
      throws InterruptedException {
    var sent = producer.send(TransactionalWriter.record(topic, key, value, Map.of()));
    producer.flush();
    return TransactionalWriter.offset(sent);
  }

  @Override
  public void sendOffsets(Map<String, Long> nextOffsets) {
    done.putAll(nextOffsets);
  }

  @Override
  public void flush() {
    producer.flush();
  }

  @Override
  public void commit() {
    requireAll();
    if (System.nanoTime() - settledNanos >= OFFSETS_NANOS) {
      settle();
    }
  }

  @Override
  public void settle() {
    if (done.isEmpty()) {
      return;
    }
    requireAll();
    offsets.begin();
    offsets.sendOffsets(done);
    offsets.commit();
    done.clear();
    settledNanos = System.nanoTime();
  }

  private void requireAll() {
    producer.flush();
    Exception refused = failure;
    if (refused != null) {
      throw refused instanceof KafkaException known
          ? known
          : KafkaCluster.known(new ExecutionException(refused));
    }
  }

  /** Lets go: outputs whose offset was not committed are written again by whoever comes next. */
  @Override
  public void close() {
    try {
      producer.close(Duration.ZERO);
    } catch (InterruptException e) {
      // Whoever waits for this close is in a hurry; it has let go by now.
      Thread.currentThread().interrupt();
    } finally {
      offsets.close();
    }
  }
}
