package dev.nagare.streaming.join;

import dev.nagare.streaming.kafka.LogReader;
import dev.nagare.streaming.kafka.RecordBatch;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A model's recorded predictions in the order of their log. What is read ahead waits here until its
 * turn has come: it changes nothing before. For one thread.
 */
final class PredictionLog implements AutoCloseable {
  private final LogReader reader;
  private @Nullable RecordBatch ahead;
  private int next;

  /** Told of predictions whose turn has come. */
  @FunctionalInterface
  interface Taker {
    /**
     * Takes one.
     *
     * @param owner the principal that asked for it; empty if it had no name
     */
    void take(long offset, long timestampMillis, String owner, byte[] value);
  }

  /**
   * Begins where the reader is.
   *
   * @param reader closed by {@link #close}
   */
  PredictionLog(LogReader reader) {
    this.reader = reader;
  }

  /** Offset of the next record whose turn comes, or of what is between here and it. */
  long position() {
    RecordBatch batch = ahead;
    return batch == null ? reader.position() : batch.offset(next);
  }

  /** Reads ahead, unless something waits already; false if there is nothing. */
  boolean read(Duration patience) {
    if (ahead == null) {
      ahead = reader.poll(patience).orElse(null);
      next = 0;
    }
    return ahead != null;
  }

  /** The turn comes to what was read ahead, up to an offset and with it. */
  void take(long through, Taker taker) {
    RecordBatch batch = ahead;
    if (batch == null) {
      return;
    }
    for (; next < batch.size() && batch.offset(next) <= through; next++) {
      byte[] value = batch.value(next);
      if (value != null && batch.header(next, Capture.HEADER) != null) {
        String owner = batch.header(next, Capture.PRINCIPAL);
        taker.take(
            batch.offset(next),
            batch.timestampMillis(next),
            Objects.requireNonNullElse(owner, ""),
            value);
      }
    }
    if (next == batch.size()) {
      ahead = null;
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
