package dev.nagare.loadtest.drill.verify;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The head of a batch in a broker's log: who wrote it. No consumer tells, so the file is read
 * (Kafka's message format 2).
 *
 * @param topic of the log
 * @param baseOffset of the batch's first record
 * @param producerId of the writer; -1 if it had none
 * @param epoch of the writer: grows with each transaction and each new holder of its id
 * @param marker whether the broker wrote it, to end a transaction
 */
public record LogBatch(String topic, long baseOffset, long producerId, int epoch, boolean marker) {
  private static final int LENGTH_AT = 8;
  private static final int MAGIC_AT = 16;
  private static final int ATTRIBUTES_AT = 21;
  private static final int PRODUCER_AT = 43;
  private static final int EPOCH_AT = 51;
  private static final int HEAD_BYTES = 61;
  private static final int BEFORE_LENGTH_COUNTS = 12;
  private static final int CONTROL = 0x20;

  /**
   * All whole batches of a topic's only partition.
   *
   * @param logs the broker's log folder
   */
  public static List<LogBatch> read(Path logs, String topic) throws IOException {
    List<LogBatch> batches = new ArrayList<>();
    for (Path segment : segments(logs.resolve(topic + "-0"))) {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(segment));
      int at = 0;
      while (at + HEAD_BYTES <= bytes.limit()) {
        int length = bytes.getInt(at + LENGTH_AT);
        // Not yet written, or room that the broker has reserved.
        if (length <= 0 || bytes.get(at + MAGIC_AT) != 2) {
          break;
        }
        batches.add(
            new LogBatch(
                topic,
                bytes.getLong(at),
                bytes.getLong(at + PRODUCER_AT),
                bytes.getShort(at + EPOCH_AT),
                (bytes.getShort(at + ATTRIBUTES_AT) & CONTROL) != 0));
        at += BEFORE_LENGTH_COUNTS + length;
      }
    }
    return batches;
  }

  /** Those whose writer had been replaced: an earlier batch bears a later epoch of the same id. */
  public static List<LogBatch> late(List<LogBatch> batches) {
    Map<Long, Integer> newest = new HashMap<>();
    List<LogBatch> late = new ArrayList<>();
    for (LogBatch batch : batches) {
      int before = newest.merge(batch.producerId, batch.epoch, Math::max);
      if (batch.producerId >= 0 && batch.epoch < before) {
        late.add(batch);
      }
    }
    return late;
  }

  private static List<Path> segments(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
  }
}
