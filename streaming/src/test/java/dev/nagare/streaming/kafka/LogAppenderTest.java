package dev.nagare.streaming.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.streaming.ByteBudget;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogAppenderTest {
  private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
  private final ByteBudget budget = new ByteBudget(1000, refused::add);
  private final Cluster cluster = new Cluster();
  private final LogAppender log = new LogAppender(() -> cluster, "box:9092", budget);

  @AfterEach
  void close() {
    cluster.found.countDown();
    log.close();
  }

  @Test
  void aTopicThatIsMissingHoldsUpNobodyElse() throws Exception {
    CompletableFuture<Long> missing = append("missing", 10);
    cluster.asked.await();
    assertThat(append("here", 10).get(30, TimeUnit.SECONDS)).isZero();
    assertThat(missing).isNotDone();
  }

  @Test
  void aTopicThatIsMissingIsWaitedForOnceNotForEachRecord() throws Exception {
    List<CompletableFuture<Long>> all =
        List.of(append("missing", 10), append("missing", 10), append("missing", 10));
    cluster.asked.await();
    cluster.found.countDown();
    for (CompletableFuture<Long> each : all) {
      assertThatThrownBy(() -> each.get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(LogAppender.UnacknowledgedException.class)
          .hasMessageContaining("Kafka at box:9092 has not acknowledged a record of missing");
    }
    assertThat(cluster.sends).hasSize(1);
    assertThat(budget.taken()).isZero();
  }

  @Test
  void atTheEndWhateverWaitsFailsAndWhateverComesIsRefused() throws Exception {
    CompletableFuture<Long> sending = append("missing", 10);
    CompletableFuture<Long> waiting = append("missing", 10);
    cluster.asked.await();
    log.close();
    assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS))
        .hasMessageContaining("the process is stopping");
    assertThatThrownBy(() -> sending.get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(LogAppender.UnacknowledgedException.class);
    assertThatThrownBy(() -> append("here", 10).get(30, TimeUnit.SECONDS))
        .hasMessageContaining("the process is stopping");
    assertThat(budget.taken()).isZero();
  }

  @Test
  void recordsDrawFromTheBudgetUntilTheyAreAcknowledged() throws Exception {
    cluster.holds = true;
    CompletableFuture<Long> first = append("here", 900);
    assertThatThrownBy(() -> append("here", 200).get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(LogAppender.BusyException.class)
        .hasMessageContaining("server.memory-bytes");
    assertThat(refused).containsExactly("log");
    assertThatThrownBy(() -> log.room(200)).isInstanceOf(LogAppender.BusyException.class);
    assertThat(cluster.sends.poll(30, TimeUnit.SECONDS)).isEqualTo("here");
    while (!cluster.completeNext()) {
      Thread.onSpinWait();
    }
    assertThat(first.get(30, TimeUnit.SECONDS)).isZero();
    assertThat(budget.taken()).isZero();
  }

  private CompletableFuture<Long> append(String topic, int bytes) {
    return log.append(topic, null, new byte[bytes], Map.of());
  }

  /** Knows one topic; waits for the other one as Kafka's client does. */
  private static final class Cluster extends MockProducer<byte[], byte[]> {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch found = new CountDownLatch(1);
    private final BlockingQueue<String> sends = new LinkedBlockingQueue<>();
    private volatile boolean holds;

    Cluster() {
      super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // it waits, and others go on
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback told) {
      sends.add(record.topic());
      if (record.topic().equals("missing")) {
        asked.countDown();
        try {
          found.await();
        } catch (InterruptedException e) {
          throw new InterruptException(e);
        }
        var failure = new TimeoutException("Topic missing not present in metadata after 3000 ms.");
        told.onCompletion(null, failure);
        return CompletableFuture.failedFuture(failure);
      }
      Future<RecordMetadata> sent = super.send(record, told);
      if (!holds) {
        completeNext();
      }
      return sent;
    }

    @Override
    public void close(Duration timeout) {
      // as often as a test likes
    }
  }
}
