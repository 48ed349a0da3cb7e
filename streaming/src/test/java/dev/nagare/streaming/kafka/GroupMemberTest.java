package dev.nagare.streaming.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class GroupMemberTest {
  private static final TopicPartition PARTITION = new TopicPartition("m.requests", 0);
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Log consumer = new Log();
  private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
  private final GroupMember member =
      new GroupMember(() -> consumer, PARTITION, () -> {}, new Recording());

  @AfterEach
  void leave() {
    member.close();
    assertThat(consumer.closed()).isTrue();
  }

  @Test
  void pausesThePartitionWithoutDemandAndGoesOnPolling() throws Exception {
    consumer.fill(0, 5);
    Assignment assignment = assigned();
    awaitPaused(true);
    StepVerifier.create(assignment.batches(0), 0)
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
    assignment.release();
  }

  @Test
  void saysWhatTheLogHasWhenTheWantedRecordsAreGone() throws Exception {
    consumer.begin = 7;
    consumer.fill(7, 9);
    Assignment assignment = assigned();
    StepVerifier.create(assignment.batches(3))
        .expectErrorSatisfies(
            failure ->
                assertThat(failure)
                    .isInstanceOf(LostRecordsException.class)
                    .hasMessage("m.requests-0 has offsets 7 to 8, offset 3 or later is wanted"))
        .verify(LONG);
    assignment.release();
  }

  @Test
  void endsTheBatchesAndWaitsForTheOwnerWhenThePartitionIsRevoked() throws Exception {
    consumer.fill(0, 5);
    Assignment assignment = assigned();
    StepVerifier.create(assignment.batches(0))
        .expectNextCount(1)
        .then(() -> consumer.revoking = true)
        .expectComplete()
        .verify(LONG);
    assertThat(assignment.isEnding()).isTrue();
    assertThat(assignment.isLost()).isFalse();
    assertThat(consumer.revoked).isFalse();
    assignment.release();
    await().atMost(LONG).until(() -> consumer.revoked);
  }

  @Test
  void triesAgainAfterTrouble() throws Exception {
    consumer.trouble = true;
    member.start();
    assertThat(told.poll(30, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
  }

  private Assignment assigned() throws InterruptedException {
    member.start();
    return (Assignment) told.poll(30, TimeUnit.SECONDS);
  }

  private void awaitPaused(boolean paused) {
    await().atMost(LONG).until(() -> consumer.pausedAtPoll == paused);
  }

  private void awaitThreeMorePolls() {
    int before = consumer.polls.get();
    await().atMost(LONG).until(() -> consumer.polls.get() >= before + 3);
  }

  private final class Recording implements GroupMember.Listener {
    @Override
    public void assigned(Assignment assignment) {
      told.add(assignment);
    }

    @Override
    public void standby() {
      told.add("standby");
    }

    @Override
    public void troubled(RuntimeException reason) {
      told.add(reason);
    }

    @Override
    public void replaced(RuntimeException reason) {
      told.add(reason);
    }
  }

  /** Counts polls, and knows a log that can be filled while it is read. */
  private static final class Log extends MockConsumer<byte[], byte[]> {
    private final AtomicInteger polls = new AtomicInteger();
    private volatile boolean pausedAtPoll;
    private volatile long begin;
    private volatile long filledFrom;
    private volatile long filledTo;
    private volatile boolean trouble;
    private volatile boolean revoking;
    private volatile boolean revoked;
    private boolean assigned;

    Log() {
      super("none");
    }

    void fill(long from, long to) {
      filledFrom = from;
      filledTo = to;
    }

    @Override
    public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      if (trouble) {
        trouble = false;
        throw new IllegalStateException("trouble");
      }
      updateBeginningOffsets(Map.of(PARTITION, begin));
      updateEndOffsets(Map.of(PARTITION, filledTo));
      if (!assigned) {
        assigned = true;
        rebalance(List.of(PARTITION));
      }
      if (revoking) {
        revoking = false;
        rebalance(List.of());
        revoked = true;
        return ConsumerRecords.empty();
      }
      for (;
          filledFrom < filledTo && assignment().contains(PARTITION) && paused().isEmpty();
          filledFrom++) {
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
        Collection<TopicPartition> partitions, Duration timeout) {
      return super.beginningOffsets(List.copyOf(partitions));
    }
  }
}
