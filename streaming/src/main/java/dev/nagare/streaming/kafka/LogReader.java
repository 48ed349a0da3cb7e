package dev.nagare.streaming.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/**
 * Reads the committed records of a topic's one partition, from any offset, without a group. For one
 * thread, but for {@link #wakeUp}.
 */
public final class LogReader implements AutoCloseable {
  /** There is nobody to say farewell to; waiting would be for a fetch that nobody wants. */
  private static final Duration CLOSE = Duration.ZERO;

  private final Consumer<byte[], byte[]> consumer;
  private final TopicPartition partition;
  private volatile boolean woken;

  LogReader(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
    this.consumer = consumer;
    this.partition = partition;
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
  }

  /** Offset of the first record that is still there. */
  public long begin() {
    return consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L);
  }

  /** Offset after the last committed record. */
  public long end() {
    return consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
  }

  /** Goes to an offset. */
  public void seek(long offset) {
    consumer.seek(partition, offset);
  }

  /** Offset of the next record, or of what is between here and it. */
  public long position() {
    return consumer.position(partition);
  }

  /** Records behind {@link #position} as far as is known; asks nobody. 0 if nothing is known. */
  public long lag() {
    return consumer.currentLag(partition).orElse(0);
  }

  /** What comes within a time; empty if nothing does, or if the reader is woken up. */
  public Optional<RecordBatch> poll(Duration patience) {
    try {
      var records = consumer.poll(patience).records(partition);
      return records.isEmpty() ? Optional.empty() : Optional.of(new RecordBatch(records));
    } catch (WakeupException e) {
      return Optional.empty();
    }
  }

  /** Ends a poll of another thread, for good. */
  public void wakeUp() {
    woken = true;
    consumer.wakeup();
  }

  /** Whether somebody has asked the reader to end. */
  public boolean isWoken() {
    return woken;
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(CLOSE));
  }
}
