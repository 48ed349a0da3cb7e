package dev.nagare.streaming.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Puts single records of the doors into the log, outside transactions, and says where they are once
 * every replica in sync has them.
 *
 * <p>Safe for any thread; {@link #append} never blocks: a thread of its own waits for the cluster,
 * and what comes while too much waits is refused.
 */
public final class LogAppender implements AutoCloseable {
  private static final int MOST_WAITING = 4096;
  private static final String DELIVERY_MILLIS = "5000";

  private final Map<String, Object> settings;
  private final String servers;
  private final ThreadPoolExecutor thread;
  private @Nullable Producer<byte[], byte[]> producer; // of the thread

  LogAppender(Map<String, Object> properties, String servers) {
    this.servers = servers;
    this.settings = new HashMap<>(properties);
    settings.put("acks", "all");
    settings.put("enable.idempotence", "true");
    // As for the transactional writer: a new partition may refuse a second request for ever.
    settings.put("max.in.flight.requests.per.connection", "1");
    settings.put("linger.ms", "0");
    settings.put("request.timeout.ms", "3000");
    settings.put("delivery.timeout.ms", DELIVERY_MILLIS);
    settings.put("max.block.ms", "3000");
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            Thread.ofPlatform().daemon().name("nagare-append-", 0).factory());
  }

  /** The log has not acknowledged a record; whether it has it nobody knows. */
  public static final class UnacknowledgedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnacknowledgedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** So much waits already that a record was not taken. */
  public static final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BusyException() {
      super(
          MOST_WAITING + " records wait for the log already; try again later", null, false, false);
    }
  }

  /**
   * Appends a record to a topic's one partition.
   *
   * @param key null for none
   * @param value asked for on the thread that waits for the cluster
   * @param headers texts by name
   * @return completes with the record's offset, on a thread of Kafka's client, which must not be
   *     held up; fails with an {@link UnacknowledgedException}, a {@link BusyException} or, for a
   *     record that is too large for the topic, an {@link IllegalArgumentException}
   */
  public CompletableFuture<Long> append(
      String topic, byte @Nullable [] key, Supplier<byte[]> value, Map<String, String> headers) {
    var appended = new CompletableFuture<Long>();
    try {
      thread.execute(
          () -> {
            try {
              send(record(topic, key, value.get(), headers), appended);
            } catch (RuntimeException e) { // whatever it is, somebody waits for it
              appended.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      appended.completeExceptionally(new BusyException());
    }
    return appended;
  }

  private static ProducerRecord<byte[], byte[]> record(
      String topic, byte @Nullable [] key, byte[] value, Map<String, String> headers) {
    var record = new ProducerRecord<>(topic, 0, key, value);
    headers.forEach(
        (name, text) -> record.headers().add(new RecordHeader(name, text.getBytes(UTF_8))));
    return record;
  }

  private void send(ProducerRecord<byte[], byte[]> record, CompletableFuture<Long> appended) {
    try {
      var _ =
          producer()
              .send(
                  record,
                  (metadata, failure) -> {
                    if (failure == null) {
                      appended.complete(metadata.offset());
                    } else {
                      appended.completeExceptionally(known(record.topic(), failure));
                    }
                  });
    } catch (KafkaException | IllegalStateException e) {
      appended.completeExceptionally(known(record.topic(), e));
    }
  }

  private Producer<byte[], byte[]> producer() {
    Producer<byte[], byte[]> now = producer;
    if (now == null) {
      now = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
      producer = now;
    }
    return now;
  }

  private RuntimeException known(String topic, Exception failure) {
    if (failure instanceof RecordTooLargeException) {
      return new IllegalArgumentException(String.valueOf(failure.getMessage()), failure);
    }
    return new UnacknowledgedException(
        "Kafka at "
            + servers
            + " has not acknowledged a record of "
            + topic
            + " ("
            + failure.getMessage()
            + ")",
        failure);
  }

  /** Ends at once: what was not acknowledged by now is not waited for. */
  @Override
  public void close() {
    thread.getQueue().clear(); // callers of what waits have their own patience
    thread.execute(
        () -> {
          Producer<byte[], byte[]> now = producer;
          if (now != null) {
            now.close(Duration.ofMillis(200));
          }
        });
    thread.shutdown();
  }
}
