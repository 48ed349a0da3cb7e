package dev.nagare.streaming.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Writes records and consumed offsets in transactions, under an id that only its latest user may
 * write with.
 *
 * <p>For one thread at a time.
 */
public final class TransactionalWriter implements OutputWriter {
  private final Producer<byte[], byte[]> producer;
  private final ConsumerGroupMetadata group;

  /**
   * Creates a writer that is not fenced yet.
   *
   * @param group id of the consumer group whose offsets are committed
   */
  TransactionalWriter(Producer<byte[], byte[]> producer, String group) {
    this.producer = producer;
    this.group = anyGeneration(group);
  }

  /**
   * The group without a generation. A member that joins raises the generation, and a commit on its
   * way with the old one would be refused although its writer still owns the partition. Who may
   * commit is decided by the transactional id alone: an owner fences before it reads or writes.
   */
  @SuppressWarnings("removal") // what replaces the constructor is not there yet
  private static ConsumerGroupMetadata anyGeneration(String group) {
    return new ConsumerGroupMetadata(group);
  }

  /** Shuts out every earlier user of the id and aborts what it left open. */
  void fence() {
    producer.initTransactions();
  }

  @Override
  public void begin() {
    producer.beginTransaction();
  }

  @Override
  public void send(
      String topic, byte @Nullable [] key, byte @Nullable [] value, Map<String, String> headers) {
    var _ = producer.send(record(topic, key, value, headers));
  }

  @Override
  public long sendAndWait(String topic, byte[] key, byte @Nullable [] value)
      throws InterruptedException {
    var sent = producer.send(record(topic, key, value, Map.of()));
    producer.flush();
    return offset(sent);
  }

  /** Where a record is that has been sent. */
  static long offset(Future<RecordMetadata> sent) throws InterruptedException {
    try {
      return sent.get().offset();
    } catch (ExecutionException e) {
      throw KafkaCluster.known(e);
    }
  }

  /** A record of a topic's one partition. */
  static ProducerRecord<byte[], byte[]> record(
      String topic, byte @Nullable [] key, byte @Nullable [] value, Map<String, String> headers) {
    var record = new ProducerRecord<>(topic, 0, key, value);
    headers.forEach(
        (name, text) -> record.headers().add(new RecordHeader(name, text.getBytes(UTF_8))));
    return record;
  }

  @Override
  public void sendOffsets(Map<String, Long> nextOffsets) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    nextOffsets.forEach(
        (topic, next) -> offsets.put(new TopicPartition(topic, 0), new OffsetAndMetadata(next)));
    producer.sendOffsetsToTransaction(offsets, group);
  }

  /** Commits: all of it is there, or none. */
  @Override
  public void commit() {
    producer.commitTransaction();
  }

  @Override
  public void flush() {
    producer.flush();
  }

  @Override
  public void settle() {
    // Offsets go with their records.
  }

  /** Lets go; an open transaction is aborted by the id's next user, or in time by the broker. */
  @Override
  public void close() {
    try {
      producer.close(Duration.ZERO);
    } catch (InterruptException e) {
      // Whoever waits for this close is in a hurry; it has let go by now.
      Thread.currentThread().interrupt();
    }
  }
}
