package dev.nagare.streaming.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class TopicReaderTest {
  private static final TopicPartition PARTITION = new TopicPartition("m.requests", 0);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Counting consumer = new Counting();
  private final TopicReader reader = new TopicReader(() -> consumer, PARTITION);

  @Test
  void pausesThePartitionWithoutDemandAndGoesOnPolling() {
    consumer.fill(0, 5);
    StepVerifier.create(reader.batches(() -> 0), 0)
        .then(() -> awaitPaused(true))
        .then(this::awaitThreeMorePolls)
        .thenRequest(1)
        .assertNext(batch -> assertThat(batch.size()).isEqualTo(5))
        .then(() -> awaitPaused(true))
        .then(() -> consumer.fill(5, 9))
        .then(this::awaitThreeMorePolls)
        .thenRequest(10)
        .assertNext(
            batch -> {
              assertThat(batch.size()).isEqualTo(4);
              assertThat(batch.offset(0)).isEqualTo(5);
              assertThat(batch.value(3)).containsExactly(8);
              assertThat(consumer.paused()).isEmpty();
            })
        .thenCancel()
        .verify(LONG);
    await().atMost(LONG).until(consumer::closed);
  }

  @Test
  void beginsWhereTheLogBeginsIfThereIsNoPast() {
    consumer.begin = 7;
    consumer.fill(7, 9);
    StepVerifier.create(reader.batches(() -> TopicReader.BEGINNING))
        .assertNext(batch -> assertThat(batch.offset(0)).isEqualTo(7))
        .thenCancel()
        .verify(LONG);
  }

  @Test
  void saysWhatTheLogHasWhenTheWantedRecordsAreGone() {
    consumer.begin = 7;
    consumer.fill(7, 9);
    StepVerifier.create(reader.batches(() -> 3))
        .expectErrorSatisfies(
            failure ->
                assertThat(failure)
                    .isInstanceOf(LostRecordsException.class)
                    .hasMessage("m.requests-0 has offsets 7 to 8, offset 3 or later is wanted"))
        .verify(LONG);
  }

  @Test
  void passesOnWhyItCouldNotStart() {
    StepVerifier.create(
            reader.batches(
                () -> {
                  throw new IllegalStateException("no topic");
                }))
        .expectErrorMessage("no topic")
        .verify(LONG);
  }

  private void awaitPaused(boolean paused) {
    await().atMost(LONG).until(() -> consumer.pausedAtPoll == paused);
  }

  private void awaitThreeMorePolls() {
    int before = consumer.polls.get();
    await().atMost(LONG).until(() -> consumer.polls.get() >= before + 3);
  }

  /** Counts polls, and knows a log that can be filled while it is read. */
  private static final class Counting extends MockConsumer<byte[], byte[]> {
    private final AtomicInteger polls = new AtomicInteger();
    private volatile boolean pausedAtPoll;
    private volatile long begin;
    private volatile long filledFrom;
    private volatile long filledTo;

    Counting() {
      super("none");
    }

    void fill(long from, long to) {
      filledFrom = from;
      filledTo = to;
    }

    @Override
    public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      updateBeginningOffsets(Map.of(PARTITION, begin));
      updateEndOffsets(Map.of(PARTITION, filledTo));
      for (; filledFrom < filledTo && paused().isEmpty(); filledFrom++) {
        addRecord(
            new ConsumerRecord<>(
                PARTITION.topic(), 0, filledFrom, new byte[0], new byte[] {(byte) filledFrom}));
      }
      pausedAtPoll = !paused().isEmpty();
      polls.incrementAndGet();
      LockSupport.parkNanos(100_000); // as a real poll waits, for less
      return super.poll(timeout);
    }

    @Override
    public synchronized Map<TopicPartition, Long> beginningOffsets(
        java.util.Collection<TopicPartition> partitions, Duration timeout) {
      return super.beginningOffsets(List.copyOf(partitions));
    }
  }
}
