package dev.nagare.streaming.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** What one poll brought: records of one partition in log order, at least one. Immutable. */
public final class RecordBatch {
  private final List<ConsumerRecord<byte[], byte[]>> records;

  RecordBatch(List<ConsumerRecord<byte[], byte[]>> records) {
    this.records = records;
  }

  /** Number of records. */
  public int size() {
    return records.size();
  }

  /** The record's offset; offsets grow but are not consecutive. */
  public long offset(int index) {
    return records.get(index).offset();
  }

  /** The record's time, milliseconds since the epoch. */
  public long timestampMillis(int index) {
    return records.get(index).timestamp();
  }

  /** The record's key, not to be changed; null for none. */
  public byte @Nullable [] key(int index) {
    return records.get(index).key();
  }

  /** The record's bytes, not to be changed; null for a tombstone. */
  public byte @Nullable [] value(int index) {
    return records.get(index).value();
  }

  /** The text of a record's last header of that name; null if it has none. */
  public @Nullable String header(int index, String name) {
    Header header = records.get(index).headers().lastHeader(name);
    return header == null || header.value() == null ? null : new String(header.value(), UTF_8);
  }
}
