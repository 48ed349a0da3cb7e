package dev.nagare.streaming.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.ByteBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Puts single records of the doors into the log, outside transactions, and says where they are once
 * every replica in sync has them.
 *
 * <p>Safe for any thread; {@link #append} never blocks: each topic has a thread that waits for the
 * cluster, so that one that is missing holds up nobody else, and what comes while too much waits is
 * refused.
 */
public final class LogAppender implements AutoCloseable {
  private static final String DELIVERY_MILLIS = "5000";
  private static final Duration CLOSE = Duration.ofMillis(200);

  private final Supplier<Producer<byte[], byte[]>> producers;
  private final String servers;
  private final ByteBudget budget;
  private final Map<String, TopicLane> lanes = new HashMap<>(); // guarded by this, as the next
  private @Nullable Producer<byte[], byte[]> producer;
  private boolean closed;

  /**
   * An appender that connects when the first record comes.
   *
   * @param producers makes the one producer, of {@link #settings}
   * @param servers for people
   * @param budget that records draw from while they wait
   */
  LogAppender(Supplier<Producer<byte[], byte[]>> producers, String servers, ByteBudget budget) {
    this.producers = producers;
    this.servers = servers;
    this.budget = budget;
  }

  /** The settings of its producer. */
  static Map<String, Object> settings(Map<String, Object> properties) {
    Map<String, Object> settings = new HashMap<>(properties);
    settings.put("acks", "all");
    settings.put("enable.idempotence", "true");
    // As for the transactional writer: a new partition may refuse a second request for ever.
    settings.put("max.in.flight.requests.per.connection", "1");
    settings.put("linger.ms", "0");
    settings.put("request.timeout.ms", "3000");
    settings.put("delivery.timeout.ms", DELIVERY_MILLIS);
    settings.put("max.block.ms", "3000");
    return settings;
  }

  /** The log has not acknowledged a record; whether it has it nobody knows. */
  public static final class UnacknowledgedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnacknowledgedException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** So much waits already that a record was not taken. */
  public static final class BusyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BusyException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Room for a record that is not there yet, to be given to {@link #append} or closed.
   *
   * @param bytes that it, and what it is made of, will take
   * @throws BusyException if there is none
   */
  public ByteBudget.Share room(long bytes) {
    ByteBudget.Share room = budget.share("log");
    if (!room.grow(bytes)) {
      throw new BusyException(String.valueOf(budget.refusal().getMessage()));
    }
    return room;
  }

  /**
   * Appends a record to a topic's one partition.
   *
   * @param key null for none
   * @param headers texts by name
   * @return completes with the record's offset, on a thread of Kafka's client, which must not be
   *     held up; fails with an {@link UnacknowledgedException}, a {@link BusyException} or, for a
   *     record that is too large for the topic, an {@link IllegalArgumentException}
   */
  public CompletableFuture<Long> append(
      String topic, byte @Nullable [] key, byte[] value, Map<String, String> headers) {
    try {
      return append(topic, key, () -> value, headers, room(value.length));
    } catch (BusyException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * Appends a record whose value is still to be made.
   *
   * @param value asked for on the thread that waits for the cluster
   * @param room that it was promised; given back when it is known what became of the record
   */
  public CompletableFuture<Long> append(
      String topic,
      byte @Nullable [] key,
      Supplier<byte[]> value,
      Map<String, String> headers,
      ByteBudget.Share room) {
    var appended = new CompletableFuture<Long>();
    var _ = appended.whenComplete((offset, failure) -> room.close());
    TopicLane lane = lane(topic);
    if (lane == null) {
      appended.completeExceptionally(known(topic, "the process is stopping", null));
    } else {
      lane.add(appended, () -> record(topic, key, value.get(), headers));
    }
    return appended;
  }

  private synchronized @Nullable TopicLane lane(String topic) {
    return closed ? null : lanes.computeIfAbsent(topic, name -> new TopicLane(this, name));
  }

  private static ProducerRecord<byte[], byte[]> record(
      String topic, byte @Nullable [] key, byte[] value, Map<String, String> headers) {
    var record = new ProducerRecord<>(topic, 0, key, value);
    headers.forEach(
        (name, text) -> record.headers().add(new RecordHeader(name, text.getBytes(UTF_8))));
    return record;
  }

  /**
   * The producer of all topics; made once.
   *
   * @throws IllegalStateException after the end
   */
  synchronized Producer<byte[], byte[]> producer() {
    if (closed) {
      throw new IllegalStateException("the process is stopping");
    }
    Producer<byte[], byte[]> now = producer;
    if (now == null) {
      now = producers.get();
      producer = now;
    }
    return now;
  }

  RuntimeException known(String topic, Exception failure) {
    if (failure instanceof RecordTooLargeException) {
      return new IllegalArgumentException(String.valueOf(failure.getMessage()), failure);
    }
    return known(topic, String.valueOf(failure.getMessage()), failure);
  }

  RuntimeException known(String topic, String why, @Nullable Throwable failure) {
    return new UnacknowledgedException(
        "Kafka at " + servers + " has not acknowledged a record of " + topic + " (" + why + ")",
        failure);
  }

  /** Ends at once: what was not acknowledged by now fails. A second call does nothing. */
  @Override
  public void close() {
    List<TopicLane> open;
    Producer<byte[], byte[]> now;
    synchronized (this) {
      closed = true;
      open = new ArrayList<>(lanes.values());
      lanes.clear();
      now = producer;
      producer = null;
    }
    open.forEach(TopicLane::close);
    if (now != null) {
      now.close(CLOSE); // what is on its way fails with it
    }
  }
}
