package dev.nagare.streaming.join;

import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.kafka.Assignment;
import dev.nagare.streaming.kafka.GroupMember;
import dev.nagare.streaming.kafka.KafkaCluster;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a model's labels beside its recorded predictions, and makes examples of both: in this
 * process while the group gives it the predictions' partition, in another one otherwise.
 *
 * <p>Safe for any thread.
 */
public final class Join implements AutoCloseable {
  private static final long RETRY_MILLIS = 500;
  private static final long LOOK_MILLIS = 200;
  private static final Logger LOG = LoggerFactory.getLogger(Join.class);

  private final LearnedModel config;
  private final int classes;
  private final KafkaCluster cluster;
  private final StreamingObserver told;
  private final BlockingQueue<Assignment> given = new LinkedBlockingQueue<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private final GroupMember member;
  private volatile @Nullable String waiting;
  private volatile boolean joining;

  /**
   * Joins the group of those who join the model's labels.
   *
   * @param classes of the model
   * @param instance name of this process
   * @param prepare runs before each attempt
   */
  public Join(
      LearnedModel config,
      int classes,
      KafkaCluster cluster,
      String instance,
      Runnable prepare,
      StreamingObserver told) {
    this.config = config;
    this.classes = classes;
    this.cluster = cluster;
    this.told = told;
    this.waiting = "connecting to Kafka at " + cluster.servers() + "; joining of labels waits";
    this.thread =
        Thread.ofPlatform().daemon().name("nagare-join-" + config.name()).start(this::run);
    this.member =
        cluster.join(
            JoinTenure.groupOf(config), instance, Capture.topic(config), prepare, new Membership());
  }

  /** Why labels are not joined now; null if they are, here or by another process. */
  public @Nullable String waiting() {
    return waiting;
  }

  /** Whether this process joins the model's labels now. */
  public boolean isJoining() {
    return joining;
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void run() {
    try {
      while (!isClosed()) {
        Assignment assignment = given.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (assignment != null && !own(assignment)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("labels of {} are no longer joined here", config.name());
    }
  }

  /**
   * Joins for as long as the partition is this process's own.
   *
   * @return false if it can never go on
   */
  private boolean own(Assignment assignment) throws InterruptedException {
    RuntimeException failure = null;
    try (var tenure =
        new JoinTenure(config, classes, cluster, told, () -> isClosed() || assignment.isEnding())) {
      waiting = null;
      joining = true;
      tenure.run();
    } catch (RuntimeException e) { // whatever it is, it ends the tenure
      failure = e;
    } finally {
      joining = false;
      assignment.release();
    }
    if (failure == null || isClosed()) {
      return true;
    }
    waitAfter(failure);
    if (!KafkaCluster.mayPass(failure)) {
      LOG.error("{}: joining of labels stopped", config.name(), failure);
      return false;
    }
    if (!closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
      member.rejoin();
    }
    return true;
  }

  private void waitAfter(RuntimeException failure) {
    String reason = failure.getMessage() + "; joining of labels waits";
    if (!reason.equals(waiting)) {
      LOG.warn("{}: {}", config.name(), reason);
    }
    waiting = reason;
  }

  /** Stops at an edge, and leaves the group. */
  @Override
  public void close() {
    closed.countDown();
    boolean interrupted = false;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(3));
      thread.interrupt(); // whatever it waits for, it has waited long enough
    } catch (InterruptedException e) {
      interrupted = true;
    }
    member.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The group's decisions, handed to the join's thread. */
  private final class Membership implements GroupMember.Listener {
    @Override
    public void assigned(Assignment assignment) {
      given.add(assignment);
    }

    @Override
    public void standby() {
      waiting = null;
    }

    @Override
    public void troubled(RuntimeException reason) {
      waitAfter(reason);
    }

    @Override
    public void replaced(RuntimeException reason) {
      waiting =
          "another process uses this instance's name in group "
              + JoinTenure.groupOf(config)
              + "; give each process a name of its own with kafka: instance:";
      LOG.warn("{}: {}", config.name(), waiting);
    }
  }
}
