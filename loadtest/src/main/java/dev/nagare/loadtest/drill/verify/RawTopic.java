package dev.nagare.loadtest.drill.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** What a topic of one partition holds at this moment, committed records only. */
public final class RawTopic {
  private static final Duration POLL = Duration.ofMillis(200);

  private RawTopic() {}

  /** All committed records, in order. Blocks until it has read to the end. */
  public static List<RawRecord> read(String bootstrap, String topic) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            bootstrap,
            "isolation.level",
            "read_committed",
            "auto.offset.reset",
            "none",
            "enable.auto.commit",
            "false",
            "max.partition.fetch.bytes",
            8 << 20,
            // Nothing is waited for: closing waits for the last fetch.
            "fetch.max.wait.ms",
            20);
    var bytes = new ByteArrayDeserializer();
    List<RawRecord> records = new ArrayList<>();
    try (var consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      var partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      // With read_committed this is the offset before which every transaction is decided.
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      consumer.seekToBeginning(List.of(partition));
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (record.offset() < end) {
            records.add(raw(record));
          }
        }
      }
    }
    return records;
  }

  private static RawRecord raw(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : record.headers()) {
      headers.put(header.key(), String.valueOf(text(header.value())));
    }
    return new RawRecord(record.offset(), text(record.key()), record.value(), headers);
  }

  private static @Nullable String text(byte @Nullable [] bytes) {
    return bytes == null ? null : new String(bytes, UTF_8);
  }
}
