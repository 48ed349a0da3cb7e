package dev.nagare.streaming.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jctools.queues.MpscBlockingConsumerArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes records, each acknowledged by all replicas, in the order they were given.
 *
 * <p>{@link #send} never blocks: Kafka's producer, which does when a broker is away, is called by a
 * thread of this writer's own, and tries for ever. Whoever sends bounds what is not yet
 * acknowledged. Safe for any number of threads.
 */
public final class TopicWriter implements AutoCloseable {
  /** Most records that wait for the producer. */
  public static final int CAPACITY = 8192;

  private static final Logger LOG = LoggerFactory.getLogger(TopicWriter.class);

  private final MpscBlockingConsumerArrayQueue<Send> queue =
      new MpscBlockingConsumerArrayQueue<>(CAPACITY);
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Thread thread;
  private volatile boolean closed;

  /** Told once what became of a record. */
  public interface Delivery {
    /**
     * Called from a thread of Kafka's: must not block.
     *
     * @param failure why it can never be delivered; null if it was acknowledged
     */
    void done(@Nullable Exception failure);
  }

  TopicWriter(Map<String, Object> properties, String name) {
    this(
        () -> new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()),
        name);
  }

  TopicWriter(Supplier<Producer<byte[], byte[]>> producers, String name) {
    this.producers = producers;
    this.thread = Thread.ofPlatform().daemon().name("nagare-write-" + name).start(this::run);
  }

  /**
   * Sends a record.
   *
   * @param headers texts by name
   * @throws IllegalStateException if more than {@link #CAPACITY} records wait
   */
  public void send(
      String topic,
      byte @Nullable [] key,
      byte @Nullable [] value,
      Map<String, String> headers,
      Delivery delivery) {
    var record = new ProducerRecord<>(topic, key, value);
    headers.forEach(
        (name, text) -> record.headers().add(new RecordHeader(name, text.getBytes(UTF_8))));
    if (!queue.offer(new Send(record, delivery))) {
      throw new IllegalStateException("writer: more than " + CAPACITY + " records wait");
    }
  }

  private void run() {
    Producer<byte[], byte[]> producer = null;
    try {
      producer = open();
      while (producer != null && !closed) {
        queue.take().to(producer);
      }
    } catch (InterruptedException | InterruptException e) {
      // close() ends a wait
    } finally {
      if (producer != null) {
        Thread.interrupted(); // an interrupted close would not wait at all
        producer.close(Duration.ofMillis(500));
      }
    }
  }

  /**
   * The producer, as soon as its settings can be resolved; null if the writer was closed before.
   */
  private @Nullable Producer<byte[], byte[]> open() throws InterruptedException {
    for (; ; ) {
      try {
        return producers.get();
      } catch (KafkaException e) {
        LOG.warn("no producer yet: {}", e.getMessage());
        synchronized (this) {
          if (closed) {
            return null;
          }
          wait(1_000);
        }
      }
    }
  }

  /** Ends the writer; what was not acknowledged by now may be lost. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Send implements Callback {
    private final ProducerRecord<byte[], byte[]> record;
    private final Delivery delivery;
    private boolean again;

    Send(ProducerRecord<byte[], byte[]> record, Delivery delivery) {
      this.record = record;
      this.delivery = delivery;
    }

    /** Gives the record to the producer, waiting as long as its buffer or its broker takes. */
    void to(Producer<byte[], byte[]> producer) {
      do {
        again = false;
        try {
          var _ = producer.send(record, this);
        } catch (InterruptException e) {
          throw e;
        } catch (KafkaException e) {
          delivery.done(e);
        }
      } while (again && !closed);
    }

    @Override
    public void onCompletion(RecordMetadata metadata, @Nullable Exception failure) {
      // Calls on the writer's own thread come from inside send(): the record was not even taken.
      if (failure instanceof TimeoutException && Thread.currentThread() == thread) {
        again = true;
      } else {
        delivery.done(failure);
      }
    }
  }
}
