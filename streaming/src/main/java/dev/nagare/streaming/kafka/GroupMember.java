package dev.nagare.streaming.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * A member of a consumer group whose topic has one partition: it owns that partition, or stands by.
 *
 * <p>A thread of its own owns the consumer and never stops polling: as long as nobody asks for
 * records, the partition is paused and polls bring nothing. The consumer commits nothing; whoever
 * owns the partition does, in transactions.
 */
public final class GroupMember implements AutoCloseable {
  /** How long a revoked partition waits for its owner to stop; shorter than the session. */
  public static final Duration PATIENCE = Duration.ofSeconds(8);

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final long RETRY_FIRST = 250;
  private static final long RETRY_LONGEST = 5_000;

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final TopicPartition partition;
  private final Runnable prepare;
  private final Listener listener;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable Assignment current; // of the polling thread, as the next
  private boolean positioned;
  private volatile boolean rejoining;
  private volatile @Nullable Consumer<byte[], byte[]> polled;

  /** Told of what the group decides, on the polling thread: must not block. */
  public interface Listener {
    /** The partition is this process's own from now on. */
    void assigned(Assignment assignment);

    /** Another member owns the partition. */
    void standby();

    /** The membership did not work out; it is tried again for ever. */
    void troubled(RuntimeException reason);

    /** Another process uses the same instance name: this one is out for good. */
    void replaced(RuntimeException reason);
  }

  /**
   * Joins the group.
   *
   * @param consumers makes a consumer, for each attempt to join
   * @param prepare runs before each attempt; what it throws is trouble
   */
  GroupMember(
      Supplier<Consumer<byte[], byte[]>> consumers,
      TopicPartition partition,
      Runnable prepare,
      Listener listener) {
    this.consumers = consumers;
    this.partition = partition;
    this.prepare = prepare;
    this.listener = listener;
    this.thread =
        Thread.ofPlatform().daemon().name("nagare-poll-" + partition).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /**
   * Asks the group anew who owns the partition, after a sign that it might be somebody else. The
   * current assignment must have been released.
   */
  public void rejoin() {
    rejoining = true;
    wakeUp();
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void wakeUp() {
    Consumer<byte[], byte[]> consumer = polled;
    if (consumer != null) {
      consumer.wakeup();
    }
  }

  private void run() {
    long wait = RETRY_FIRST;
    try {
      while (!isClosed()) {
        try {
          prepare.run();
          wait = RETRY_FIRST;
          member(consumers.get());
        } catch (FencedInstanceIdException e) {
          end(true);
          listener.replaced(e);
          return;
        } catch (InterruptException e) {
          throw e;
        } catch (RuntimeException e) { // all of it is the listener's to know
          end(true);
          listener.troubled(e);
          var _ = closed.await(wait, TimeUnit.MILLISECONDS);
          wait = Math.min(2 * wait, RETRY_LONGEST);
        }
      }
    } catch (InterruptedException | InterruptException e) {
      // close() ends a wait
    } finally {
      end(true);
    }
  }

  private void member(Consumer<byte[], byte[]> consumer) {
    polled = consumer;
    try {
      consumer.subscribe(List.of(partition.topic()), new Rebalances(consumer));
      while (!isClosed() && !rejoining) {
        pollOnce(consumer);
      }
    } finally {
      polled = null;
      rejoining = false;
      Thread.interrupted(); // an interrupted close would not wait at all
      consumer.close(
          CloseOptions.timeout(CLOSE)
              .withGroupMembershipOperation(
                  isClosed()
                      ? GroupMembershipOperation.LEAVE_GROUP
                      : GroupMembershipOperation.REMAIN_IN_GROUP));
    }
  }

  private void pollOnce(Consumer<byte[], byte[]> consumer) {
    try {
      Assignment owned = current;
      if (owned != null) {
        steer(consumer, owned);
      }
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      if (owned != null && owned == current && !records.isEmpty()) {
        owned.next(new RecordBatch(records.records(partition)));
      }
    } catch (WakeupException e) {
      // Somebody asked for more, or for an end: the loop looks.
    } catch (OffsetOutOfRangeException | NoOffsetForPartitionException e) {
      Assignment owned = current;
      if (owned != null) {
        consumer.pause(List.of(partition));
        consumer.seek(partition, 0);
        owned.fail(
            new LostRecordsException(partition + " " + whatIsThere(consumer, owned.from()), e));
      }
    }
  }

  private void steer(Consumer<byte[], byte[]> consumer, Assignment owned) {
    if (owned.isRead() && !positioned) {
      consumer.seek(partition, owned.from());
      positioned = true;
    }
    boolean wanted = positioned && owned.announcePause();
    boolean paused = consumer.paused().contains(partition);
    if (wanted && paused) {
      consumer.resume(List.of(partition));
    } else if (!wanted && !paused) {
      consumer.pause(List.of(partition));
    }
  }

  private String whatIsThere(Consumer<byte[], byte[]> consumer, long from) {
    try {
      var wait = Duration.ofSeconds(5);
      long begin = consumer.beginningOffsets(List.of(partition), wait).getOrDefault(partition, 0L);
      long end = consumer.endOffsets(List.of(partition), wait).getOrDefault(partition, 0L);
      return "has offsets "
          + begin
          + " to "
          + (end - 1)
          + ", offset "
          + from
          + " or later is wanted";
    } catch (KafkaException e) {
      return "does not have offset " + from + " or a later one that is wanted";
    }
  }

  private void end(boolean lost) {
    Assignment owned = current;
    current = null;
    if (owned != null) {
      owned.end(lost);
    }
  }

  /** Leaves the group. The current assignment must have been released. */
  @Override
  public void close() {
    closed.countDown();
    wakeUp();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join(CLOSE.multipliedBy(2));
        thread.interrupt(); // whatever it waits for, it has waited long enough
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The group's decisions, on the polling thread, inside {@code poll}. */
  private final class Rebalances implements ConsumerRebalanceListener {
    private final Consumer<byte[], byte[]> consumer;

    Rebalances(Consumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
      if (added.contains(partition)) {
        // Some position, so that none is asked for: the owner says the right one, and until then
        // the partition is paused.
        consumer.seek(partition, 0);
        consumer.pause(List.of(partition));
        positioned = false;
        var assignment = new Assignment(GroupMember.this::wakeUp);
        current = assignment;
        listener.assigned(assignment);
      } else if (current == null) {
        listener.standby();
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
      Assignment owned = current;
      if (owned == null || !revoked.contains(partition)) {
        return;
      }
      end(false);
      try {
        var _ = owned.awaitRelease(PATIENCE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
      if (lost.contains(partition)) {
        end(true);
      }
    }
  }
}
