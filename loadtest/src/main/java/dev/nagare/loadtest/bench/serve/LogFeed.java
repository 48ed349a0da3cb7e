package dev.nagare.loadtest.bench.serve;

import dev.nagare.streaming.kafka.LogAppender;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Puts records into topics that nobody else writes, with a bounded number under way. */
final class LogFeed implements AutoCloseable {
  private static final int UNDER_WAY = 2000;

  private final LogAppender log;
  private final Semaphore room = new Semaphore(UNDER_WAY);
  private final Map<String, Long> counts = new HashMap<>();
  private volatile @Nullable Throwable failure;

  /** Of the caller's, which is closed with it. */
  LogFeed(LogAppender log) {
    this.log = log;
  }

  /** How many records a topic has got, and so the offset of the next one. */
  long count(String topic) {
    return counts.getOrDefault(topic, 0L);
  }

  /** Puts in a record; waits while too many are under way. */
  void put(String topic, byte[] value, Map<String, String> headers)
      throws IOException, InterruptedException {
    room.acquire();
    requireAll();
    counts.merge(topic, 1L, Long::sum);
    var _ =
        log.append(topic, null, value, headers)
            .whenComplete(
                (offset, refused) -> {
                  if (refused != null) {
                    failure = refused;
                  }
                  room.release();
                });
  }

  /** Waits until the broker has all of them. */
  void flush() throws IOException, InterruptedException {
    room.acquire(UNDER_WAY);
    room.release(UNDER_WAY);
    requireAll();
  }

  private void requireAll() throws IOException {
    Throwable refused = failure;
    if (refused != null) {
      throw new IOException(
          "a record did not get into its topic: " + refused.getMessage(), refused);
    }
  }

  @Override
  public void close() {
    log.close();
  }
}
