package dev.nagare.streaming.kafka;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes what comes of records, and up to where that is done. {@link KafkaCluster#outputs} decides
 * what of it a reader sees after a kill: all or none, or perhaps some of it twice.
 *
 * <p>Any exception is the end of a writer: close it, ask the group who owns the partition, begin
 * again from the last checkpoint. For one thread at a time.
 */
public interface OutputWriter extends AutoCloseable {
  /** Opens a group of outputs, which {@link #commit} closes. */
  void begin();

  /**
   * Sends a record; what becomes of it, {@link #commit} tells.
   *
   * @param key null for none
   * @param value null for a tombstone
   * @param headers texts by name
   */
  void send(
      String topic, byte @Nullable [] key, byte @Nullable [] value, Map<String, String> headers);

  /**
   * Sends a record.
   *
   * @return its offset, once acknowledged
   */
  long sendAndWait(String topic, byte[] key, byte @Nullable [] value) throws InterruptedException;

  /** Says up to where the records of topics are done with, once this group is committed. */
  void sendOffsets(Map<String, Long> nextOffsets);

  /** The same of one topic. */
  default void sendOffset(String topic, long nextOffset) {
    sendOffsets(Map.of(topic, nextOffset));
  }

  /** Waits until the broker has all that was sent. */
  void flush();

  /** Closes the group: on return its records are there for whoever reads committed ones. */
  void commit();

  /** Commits the offsets that {@link #commit} has put off, if any. */
  void settle();

  /** Lets go, of the fence too. */
  @Override
  void close();
}
