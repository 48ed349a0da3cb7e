package dev.nagare.streaming.learn;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.checkpoint.Registry;
import dev.nagare.streaming.checkpoint.Sha256;
import dev.nagare.streaming.codec.RefusedRecordException;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LogAppender;
import dev.nagare.streaming.kafka.LogReader;
import dev.nagare.streaming.kafka.LostRecordsException;
import dev.nagare.streaming.kafka.RecordBatch;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * A checkpoint in the log that a model learns from, in records before the one that goes back to it:
 * whoever comes to that record has what it goes back to, however late, and however often.
 *
 * <p>Parts teach nothing. Other records may stand between them, and what nobody names means
 * nothing: a process that dies between parts and record leaves only bytes behind.
 *
 * @param id that their keys begin with, used once
 * @param firstOffset of the first of them
 */
record SnapshotParts(String id, long firstOffset) {
  /** Value of the header {@link RollBack#CONTROL}. */
  static final String KIND = "snapshot-part";

  private static final Map<String, String> HEADERS = Map.of(RollBack.CONTROL, KIND);
  private static final Duration POLL = Duration.ofMillis(100);

  /**
   * Puts a checkpoint into the log, one part after the other.
   *
   * @param blob of the checkpoint, at least a byte
   * @return fails as {@link LogAppender#append} does
   */
  static CompletableFuture<SnapshotParts> append(LogAppender log, String topic, byte[] blob) {
    String id = UUID.randomUUID().toString();
    return append(log, topic, id, blob, 0)
        .thenCompose(
            first -> rest(log, topic, id, blob, 1).thenApply(done -> new SnapshotParts(id, first)));
  }

  private static CompletableFuture<Boolean> rest(
      LogAppender log, String topic, String id, byte[] blob, int from) {
    return from == Registry.chunks(blob)
        ? CompletableFuture.completedFuture(true)
        : append(log, topic, id, blob, from)
            .thenCompose(offset -> rest(log, topic, id, blob, from + 1));
  }

  private static CompletableFuture<Long> append(
      LogAppender log, String topic, String id, byte[] blob, int index) {
    return log.append(topic, key(id, index), Registry.chunk(blob, index), HEADERS);
  }

  private static byte[] key(String id, int index) {
    return (id + "/" + index).getBytes(UTF_8);
  }

  /**
   * The bytes, as the log has them.
   *
   * @param wanted whose hash they must have
   * @param offset of the record that names them
   * @param ending looked at again and again
   * @return empty if the end was asked for
   * @throws RefusedRecordException if they are not what the record says: it was written by no door
   * @throws LostRecordsException if retention has taken them
   */
  Optional<byte[]> read(
      KafkaCluster cluster,
      String topic,
      CheckpointRecord wanted,
      long offset,
      BooleanSupplier ending) {
    var parts = new byte[wanted.chunks()][];
    int next = 0;
    long bytes = 0;
    try (LogReader log = cluster.log(topic)) {
      seek(log, topic, offset);
      while (next < parts.length && log.position() < offset) {
        if (ending.getAsBoolean()) {
          return Optional.empty();
        }
        Optional<RecordBatch> batch = log.poll(POLL);
        for (int i = 0; batch.isPresent() && i < batch.get().size(); i++) {
          byte[] value = batch.get().value(i);
          if (next < parts.length
              && value != null
              && batch.get().offset(i) < offset
              && Arrays.equals(batch.get().key(i), key(id, next))
              && bytes + value.length <= wanted.bytes()) {
            parts[next++] = value;
            bytes += value.length;
          }
        }
      }
    }
    byte[] blob = joined(parts, next, Math.toIntExact(bytes));
    if (!Sha256.hex(Sha256.of(blob)).equals(wanted.sha256())) {
      throw new RefusedRecordException(
          Refusal.MALFORMED,
          "expected "
              + wanted.chunks()
              + " parts "
              + id
              + " from offset "
              + firstOffset
              + " on, with SHA-256 "
              + wanted.sha256()
              + ", got "
              + next
              + " of "
              + blob.length
              + " bytes");
    }
    return Optional.of(blob);
  }

  private void seek(LogReader log, String topic, long offset) {
    if (firstOffset < 0 || firstOffset >= offset) {
      throw new RefusedRecordException(
          Refusal.MALFORMED,
          "expected its snapshot at an offset before its own, " + offset + ", got " + firstOffset);
    }
    long begin = log.begin();
    if (begin > firstOffset) {
      throw new LostRecordsException(
          topic
              + "-0 begins at offset "
              + begin
              + ", offset "
              + firstOffset
              + " or later is wanted, where the snapshot is that the record at offset "
              + offset
              + " goes back to");
    }
    log.seek(firstOffset);
  }

  private static byte[] joined(byte[][] parts, int count, int bytes) {
    byte[] blob = new byte[bytes];
    int at = 0;
    for (int i = 0; i < count; i++) {
      System.arraycopy(parts[i], 0, blob, at, parts[i].length);
      at += parts[i].length;
    }
    return blob;
  }
}
