package dev.nagare.streaming.kafka;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends rows to one topic, in order, whether the broker is there or not.
 *
 * <p>Rows wait in a bounded buffer. While the broker is away nothing is lost until the buffer is
 * full; then {@link #put} waits, and with {@link #offer}, for rows that are made up by the clock,
 * the oldest waiting row gives way to the newest and is counted. While the topic is not there rows
 * wait as well: whoever reads it creates it.
 *
 * <p>Safe for any thread; {@link #offer} never waits for the broker.
 */
public final class RowProducer implements AutoCloseable {
  private static final int BATCH_ROWS = 500;
  private static final int PATIENCE_MILLIS =
      5000; // before somebody is told that the broker is away

  private final String topic;
  private final int capacityRows;
  private final ArrayDeque<ProducerRecord<byte[], byte[]>> waiting =
      new ArrayDeque<>(); // guarded by itself, as what follows
  private boolean closing;
  private long sent;
  private long dropped;
  private long lastOffset = -1;
  private volatile @Nullable String problem;
  private @Nullable Thread thread;

  /**
   * Creates a producer that collects rows; {@link #connect} begins to send them.
   *
   * @param topic that receives the rows
   * @param capacityRows most rows that wait, besides at most 500 that are on their way
   */
  public RowProducer(String topic, int capacityRows) {
    this.topic = topic;
    this.capacityRows = capacityRows;
  }

  /**
   * Begins to send; to be called once. The cluster need not be there yet.
   *
   * @param properties client properties as Kafka names them, {@code bootstrap.servers} among them
   */
  public void connect(Map<String, String> properties) {
    thread = Thread.ofPlatform().daemon().name("row-producer").start(() -> sendAll(properties));
  }

  /** Takes a row; the value is not copied and not to be changed. */
  public void offer(long timestampMillis, byte[] value) {
    synchronized (waiting) {
      if (waiting.size() == capacityRows) {
        waiting.removeFirst();
        dropped++;
      }
      add(timestampMillis, value);
    }
  }

  /** Takes a row as soon as there is room; the value is not copied and not to be changed. */
  public void put(long timestampMillis, byte[] value) throws InterruptedException {
    synchronized (waiting) {
      while (waiting.size() >= capacityRows) {
        waiting.wait();
      }
      add(timestampMillis, value);
    }
  }

  private void add(long timestampMillis, byte[] value) {
    waiting.addLast(new ProducerRecord<>(topic, null, timestampMillis, null, value));
    waiting.notifyAll();
  }

  /** Rows in the buffer. */
  public int waiting() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  /** Rows that the broker has acknowledged. */
  public long sent() {
    synchronized (waiting) {
      return sent;
    }
  }

  /** Rows that were lost: the buffer was full, or the broker refused them. */
  public long dropped() {
    synchronized (waiting) {
      return dropped;
    }
  }

  /** Offset of the last row that the broker has acknowledged; -1 before the first. */
  public long lastOffset() {
    synchronized (waiting) {
      return lastOffset;
    }
  }

  /** Why rows are waiting or lost; empty if all is well. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  private void sendAll(Map<String, String> properties) {
    try {
      var bytes = new ByteArraySerializer();
      try (Producer<byte[], byte[]> producer =
          new KafkaProducer<>(settings(properties), bytes, bytes)) {
        for (List<ProducerRecord<byte[], byte[]>> batch = take();
            !batch.isEmpty();
            batch = take()) {
          send(producer, batch);
        }
      }
    } catch (InterruptedException | InterruptException e) {
      Thread.currentThread().interrupt(); // closed before the broker came back
    }
  }

  private static Map<String, Object> settings(Map<String, String> properties) {
    Map<String, Object> settings = new HashMap<>(properties);
    settings.putIfAbsent(ProducerConfig.CLIENT_ID_CONFIG, "nagare-rows");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    // A new partition may accept a second request before the first, which it then refuses.
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    // While the broker is away the client tries on by itself, in order and without doubles.
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3000);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
    settings.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4L << 20);
    return settings;
  }

  /** What waits, as soon as something does; empty when closing and nothing waits. */
  private List<ProducerRecord<byte[], byte[]>> take() throws InterruptedException {
    synchronized (waiting) {
      while (waiting.isEmpty() && !closing) {
        waiting.wait();
      }
      var batch =
          new ArrayList<ProducerRecord<byte[], byte[]>>(Math.min(BATCH_ROWS, waiting.size()));
      while (batch.size() < BATCH_ROWS && !waiting.isEmpty()) {
        batch.add(waiting.removeFirst());
      }
      waiting.notifyAll();
      return batch;
    }
  }

  private void send(Producer<byte[], byte[]> producer, List<ProducerRecord<byte[], byte[]>> batch)
      throws InterruptedException {
    List<ProducerRecord<byte[], byte[]>> rest = batch;
    while (!rest.isEmpty()) {
      List<Future<RecordMetadata>> answers = new ArrayList<>(rest.size());
      for (ProducerRecord<byte[], byte[]> row : rest) {
        answers.add(producer.send(row));
      }
      var again = new ArrayList<ProducerRecord<byte[], byte[]>>();
      for (int i = 0; i < answers.size(); i++) {
        if (!acknowledged(answers.get(i))) {
          again.add(rest.get(i));
        }
      }
      rest = again;
    }
  }

  /** Waits for the broker; false if the row is to be sent again. */
  private boolean acknowledged(Future<RecordMetadata> answer) throws InterruptedException {
    while (true) {
      try {
        RecordMetadata where = answer.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        problem = null;
        synchronized (waiting) {
          sent++;
          lastOffset = where.offset();
        }
        return true;
      } catch (TimeoutException e) {
        problem = "Kafka does not acknowledge rows of " + topic;
      } catch (ExecutionException e) {
        problem = "Kafka does not take rows of " + topic + ": " + reason(e);
        if (e.getCause() instanceof RetriableException) {
          return false;
        }
        synchronized (waiting) {
          dropped++;
        }
        return true;
      }
    }
  }

  private static String reason(ExecutionException failure) {
    Throwable cause = failure.getCause();
    return String.valueOf(cause == null ? failure.getMessage() : cause.getMessage());
  }

  /** Sends what waits if that takes less than a fifth of a second; what is left is lost. */
  @Override
  public void close() {
    synchronized (waiting) {
      closing = true;
      waiting.notifyAll();
    }
    Thread sender = thread;
    if (sender == null) {
      return;
    }
    try {
      if (!sender.join(Duration.ofMillis(200))) {
        sender.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
