package dev.nagare.loadtest.bench.serve;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.loadtest.process.ChildProcess;
import dev.nagare.streaming.kafka.LogReader;
import dev.nagare.streaming.kafka.RecordBatch;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** When the outputs of records can be seen by a reader of committed ones. Used by one thread. */
final class Arrivals implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long SILENCE_NANOS = 60_000_000_000L;

  private final LogReader reader;
  private final String topic;
  private long next;
  private long seen;

  /**
   * From a topic's first record on.
   *
   * @param reader closed with it
   */
  Arrivals(LogReader reader, String topic) {
    this.reader = reader;
    this.topic = topic;
  }

  /**
   * Waits for the outputs of so many records.
   *
   * @param writer watched meanwhile
   * @return when each was seen, by {@link System#nanoTime}
   * @throws IOException if one is missing or comes twice, or nothing comes for a minute
   */
  long[] await(int records, ChildProcess writer) throws IOException {
    long[] nanos = new long[records];
    long heard = System.nanoTime();
    for (int count = 0; count < records; ) {
      Optional<RecordBatch> batch = reader.poll(POLL);
      long now = System.nanoTime();
      if (batch.isPresent()) {
        heard = now;
        for (int i = 0; i < batch.get().size(); i++) {
          require(batch.get(), i);
          if (count == records) {
            throw new IOException(topic + ": expected " + records + " outputs, got more");
          }
          nanos[count++] = now;
        }
      } else if (now - heard > SILENCE_NANOS) {
        throw writer.failure(topic + ": nothing for a minute, after " + count + " of " + records);
      }
      writer.requireAlive();
    }
    return nanos;
  }

  private void require(RecordBatch batch, int index) throws IOException {
    byte[] key = batch.key(index);
    String id = key == null ? "" : new String(key, UTF_8);
    if (!id.endsWith("-0-" + next)) {
      throw new IOException(topic + ": expected the output of record " + next + ", got " + id);
    }
    next++;
    seen++;
  }

  /** What is in the topic besides outputs so far: a mark for each transaction. */
  long marks() {
    return reader.position() - seen;
  }

  @Override
  public void close() {
    reader.close();
  }
}
