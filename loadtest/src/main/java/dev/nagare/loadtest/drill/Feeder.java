package dev.nagare.loadtest.drill;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.loadtest.drill.verify.InputLog;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the workload while learners and brokers come and go: each record once, in order, whatever
 * happens. Used by one thread.
 */
final class Feeder implements AutoCloseable {
  private final String topic;
  private final Workload workload;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Thread thread;
  private final long intervalNanos;
  private volatile boolean stopping;
  private volatile @Nullable Exception failure;
  private volatile long acknowledged;

  private Feeder(String bootstrap, String topic, Workload workload, int perSecond) {
    this.topic = topic;
    this.workload = workload;
    this.intervalNanos = 1_000_000_000L / perSecond;
    this.producer =
        new KafkaProducer<>(
            settings(bootstrap), new ByteArraySerializer(), new ByteArraySerializer());
    this.thread = Thread.ofPlatform().name("drill-feeder").unstarted(this::feed);
  }

  /**
   * Begins to send.
   *
   * @param ahead records that are sent at once
   * @param perSecond records per second after them
   */
  static Feeder start(String bootstrap, String topic, Workload workload, int ahead, int perSecond) {
    var feeder = new Feeder(bootstrap, topic, workload, perSecond);
    for (int i = 0; i < ahead; i++) {
      feeder.send(workload.next());
    }
    feeder.producer.flush();
    feeder.thread.start();
    return feeder;
  }

  private static Map<String, Object> settings(String bootstrap) {
    return Map.of(
        "bootstrap.servers",
        bootstrap,
        "acks",
        "all",
        // A killed broker comes back; until then the client tries on, in order and without doubles.
        "delivery.timeout.ms",
        Integer.MAX_VALUE,
        "request.timeout.ms",
        3000,
        "max.in.flight.requests.per.connection",
        1,
        "max.block.ms",
        60_000,
        "reconnect.backoff.max.ms",
        200,
        "linger.ms",
        0);
  }

  private void feed() {
    long due = System.nanoTime();
    while (!stopping) {
      send(workload.next());
      due += intervalNanos;
      for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(this, wait);
      }
    }
    send(workload.lastRow());
    producer.flush();
  }

  private void send(Workload.Entry entry) {
    var kind = new RecordHeader(InputLog.KIND, entry.kind().getBytes(UTF_8));
    var record =
        new ProducerRecord<byte[], byte[]>(
            topic, 0, entry.timestampMillis(), null, entry.value(), List.of(kind));
    var _ =
        producer.send(
            record,
            (metadata, problem) -> {
              if (problem == null) {
                acknowledged = metadata.offset() + 1;
              } else {
                failure = problem;
              }
            });
  }

  /** Offset after the last record that the broker has. */
  long end() {
    return acknowledged;
  }

  /**
   * Ends the stream with a row.
   *
   * @return offset after it
   * @throws DrillException if a record could not be sent
   */
  long finish() throws DrillException, InterruptedException {
    stopping = true;
    thread.join();
    Exception problem = failure;
    if (problem != null) {
      throw new DrillException("the broker did not take a record of the drill: " + problem);
    }
    return acknowledged;
  }

  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
    producer.close(java.time.Duration.ofSeconds(1));
  }
}
