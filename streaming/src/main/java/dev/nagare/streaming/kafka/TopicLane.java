package dev.nagare.streaming.kafka;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * The records of one topic on their way to the producer, in order, on a thread of its own: the
 * client holds up whoever sends to a topic that it does not know.
 *
 * <p>Safe for any thread.
 */
final class TopicLane implements AutoCloseable {
  private static final int MOST_WAITING = 4096;

  private final LogAppender appender;
  private final String topic;
  private final ThreadPoolExecutor thread;
  private boolean missing; // of the thread, as the next
  private long missingNanos;

  TopicLane(LogAppender appender, String topic) {
    this.appender = appender;
    this.topic = topic;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("nagare-append-" + topic).factory());
  }

  /** A record that waits for its turn. */
  private final class Waiting implements Runnable {
    private final long since = System.nanoTime();
    private final CompletableFuture<Long> appended;
    private final Supplier<ProducerRecord<byte[], byte[]>> record;

    Waiting(CompletableFuture<Long> appended, Supplier<ProducerRecord<byte[], byte[]>> record) {
      this.appended = appended;
      this.record = record;
    }

    @Override
    public void run() {
      if (missing && since - missingNanos < 0) {
        fail("the topic is not there"); // known since: it was waited for once, not again for each
        return;
      }
      try {
        send(record.get(), appended);
      } catch (RuntimeException e) { // whatever it is, somebody waits for it
        appended.completeExceptionally(
            e instanceof KafkaException || e instanceof IllegalStateException
                ? appender.known(topic, e)
                : e);
      }
    }

    void fail(String why) {
      appended.completeExceptionally(appender.known(topic, why, null));
    }
  }

  /** Takes a record; what becomes of it, the future tells. */
  void add(CompletableFuture<Long> appended, Supplier<ProducerRecord<byte[], byte[]>> record) {
    var waiting = new Waiting(appended, record);
    try {
      thread.execute(waiting);
    } catch (RejectedExecutionException e) {
      if (thread.isShutdown()) {
        waiting.fail("the process is stopping");
      } else {
        appended.completeExceptionally(
            new LogAppender.BusyException(
                MOST_WAITING + " records wait for " + topic + " already; try again later"));
      }
    }
  }

  private void send(ProducerRecord<byte[], byte[]> record, CompletableFuture<Long> appended) {
    Future<RecordMetadata> sent =
        appender
            .producer()
            .send(
                record,
                (metadata, failure) -> {
                  if (failure == null) {
                    appended.complete(metadata.offset());
                  } else {
                    appended.completeExceptionally(appender.known(topic, failure));
                  }
                });
    // It has failed before it went anywhere: the client waited for the topic in vain.
    if (sent.isDone()
        && sent.state() == Future.State.FAILED
        && sent.exceptionNow().getClass() == TimeoutException.class) {
      missing = true;
      missingNanos = System.nanoTime();
    }
  }

  /** Ends at once: what waits fails. */
  @Override
  public void close() {
    for (Runnable waiting : thread.shutdownNow()) {
      ((Waiting) waiting).fail("the process is stopping");
    }
  }
}
