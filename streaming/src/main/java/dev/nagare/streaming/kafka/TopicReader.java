package dev.nagare.streaming.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * Reads one partition from an offset that the caller keeps.
 *
 * <p>Each subscription has a thread of its own that owns a consumer and never stops polling: as
 * long as nobody asks for more, the partition is paused and polls bring nothing. There is one
 * signal per poll, never one per record. No consumer group is joined, no offset is committed.
 */
public final class TopicReader {
  /** Where a reader without a past begins. */
  public static final long BEGINNING = -1;

  private static final Duration POLL = Duration.ofMillis(100);

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final TopicPartition partition;

  TopicReader(Map<String, Object> properties, String topic, int partition) {
    this(
        () ->
            new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
        new TopicPartition(topic, partition));
  }

  TopicReader(Supplier<Consumer<byte[], byte[]>> consumers, TopicPartition partition) {
    this.consumers = consumers;
    this.partition = partition;
  }

  /**
   * The records as they come, without end.
   *
   * <p>Errors: {@link LostRecordsException} if the log does not have the offset; what {@code start}
   * throws; what Kafka's client throws, which a new subscription may mend. A broker that is away is
   * no error: records come again when it is back.
   *
   * @param start runs on the polling thread of each subscription and gives the next offset to read,
   *     or {@link #BEGINNING}
   */
  public Flux<RecordBatch> batches(LongSupplier start) {
    return Flux.create(
        sink ->
            Thread.ofPlatform()
                .daemon()
                .name("nagare-poll-" + partition)
                .start(() -> poll(sink, start)),
        FluxSink.OverflowStrategy.ERROR);
  }

  private void poll(FluxSink<RecordBatch> sink, LongSupplier start) {
    try {
      long from = start.getAsLong();
      try (Consumer<byte[], byte[]> consumer = consumers.get()) {
        consumer.assign(List.of(partition));
        if (from == BEGINNING) {
          consumer.seekToBeginning(List.of(partition));
        } else {
          consumer.seek(partition, from);
        }
        var pausing = new AtomicBoolean();
        sink.onRequest(
            n -> {
              if (pausing.get()) {
                consumer.wakeup();
              }
            });
        sink.onDispose(consumer::wakeup);
        while (!sink.isCancelled()) {
          // Asked again after the announcement: what was asked for before it wakes nobody.
          pausing.set(sink.requestedFromDownstream() == 0);
          pollOnce(consumer, sink, from);
        }
      }
    } catch (RuntimeException e) { // all of it is the subscriber's to know
      if (!sink.isCancelled()) {
        sink.error(e);
      }
    }
  }

  private void pollOnce(Consumer<byte[], byte[]> consumer, FluxSink<RecordBatch> sink, long from) {
    try {
      boolean wanted = sink.requestedFromDownstream() > 0;
      boolean paused = !consumer.paused().isEmpty();
      if (wanted && paused) {
        consumer.resume(List.of(partition));
      } else if (!wanted && !paused) {
        consumer.pause(List.of(partition));
      }
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      if (!records.isEmpty()) {
        sink.next(new RecordBatch(records.records(partition)));
      }
    } catch (WakeupException e) {
      // Somebody asked for more, or for an end: the loop looks.
    } catch (OffsetOutOfRangeException | NoOffsetForPartitionException e) {
      throw new LostRecordsException(partition + " " + whatIsThere(consumer, from), e);
    }
  }

  private String whatIsThere(Consumer<byte[], byte[]> consumer, long from) {
    try {
      var wait = Duration.ofSeconds(5);
      long begin = consumer.beginningOffsets(List.of(partition), wait).getOrDefault(partition, 0L);
      long end = consumer.endOffsets(List.of(partition), wait).getOrDefault(partition, 0L);
      return "has offsets "
          + begin
          + " to "
          + (end - 1)
          + ", offset "
          + from
          + " or later is wanted";
    } catch (KafkaException e) {
      return "does not have offset " + from + " or a later one that is wanted";
    }
  }
}
