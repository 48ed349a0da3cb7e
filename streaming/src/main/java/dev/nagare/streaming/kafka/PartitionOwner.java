package dev.nagare.streaming.kafka;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that only the owner of a partition may do, on a thread of its own: begun when the group
 * gives the partition to this process, again after a failure that may pass, and ended when the
 * partition goes.
 *
 * <p>Safe for any thread.
 */
public final class PartitionOwner implements AutoCloseable {
  private static final long RETRY_MILLIS = 500;
  private static final long LOOK_MILLIS = 200;
  private static final long STOP_MILLIS = 3_000;
  private static final Logger LOG = LoggerFactory.getLogger(PartitionOwner.class);

  private final String what;
  private final Work work;
  private final BlockingQueue<Assignment> given = new LinkedBlockingQueue<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile @Nullable GroupMember member;
  private volatile @Nullable String waiting;
  private volatile boolean stopped;

  /** What is done while the partition is this process's own. */
  @FunctionalInterface
  public interface Work {
    /**
     * Works until the end is asked for. What it throws ends the work: for a while if it is Kafka's,
     * else for good.
     */
    void run(BooleanSupplier ending);
  }

  /**
   * Waits for a partition.
   *
   * @param what is done, for people: {@code joining of labels of m}
   * @param why it waits until the group has decided
   */
  public PartitionOwner(String what, String why, Work work) {
    this.what = what;
    this.work = work;
    this.waiting = why;
    this.thread = Thread.ofPlatform().daemon().name("nagare-owner " + what).start(this::own);
  }

  /**
   * Joins the group; to be called once.
   *
   * @param join of {@link KafkaCluster#join}
   */
  public void stand(Function<GroupMember.Listener, GroupMember> join) {
    member = join.apply(new Membership());
  }

  /** Why the work is not done now; null if it is, here or by another process. */
  public @Nullable String waiting() {
    return waiting;
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void own() {
    try {
      while (!isClosed()) {
        Assignment assignment = given.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        if (assignment != null) {
          own(assignment);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("{} ends here", what);
    }
  }

  private void own(Assignment assignment) throws InterruptedException {
    RuntimeException failure = null;
    try {
      // To begin is to shut out all others: not on a decision that the group has taken back.
      if (!stopped && !isClosed() && !assignment.isEnding()) {
        waiting = null;
        work.run(() -> isClosed() || assignment.isEnding());
      }
    } catch (RuntimeException e) { // whatever it is, it ends the work
      failure = e;
    } finally {
      assignment.release();
    }
    if (failure == null || isClosed()) {
      return;
    }
    if (!KafkaCluster.mayPass(failure)) {
      stopped = true;
      waiting = failure.getMessage() + "; " + what + " stopped";
      LOG.error("{} stopped", what, failure);
      return;
    }
    waitAfter(failure);
    if (!closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
      GroupMember now = member;
      if (now != null) {
        now.rejoin();
      }
    }
  }

  private void waitAfter(RuntimeException failure) {
    String reason = failure.getMessage() + "; " + what + " waits";
    if (!reason.equals(waiting)) {
      LOG.warn("{}", reason);
    }
    waiting = reason;
  }

  /** Stops at an edge, and leaves the group. */
  @Override
  public void close() {
    closed.countDown();
    boolean interrupted = false;
    try {
      thread.join(STOP_MILLIS);
      thread.interrupt(); // whatever it waits for, it has waited long enough
    } catch (InterruptedException e) {
      interrupted = true;
    }
    GroupMember now = member;
    if (now != null) {
      now.close();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The group's decisions, handed to the owner's thread. */
  private final class Membership implements GroupMember.Listener {
    @Override
    public void assigned(Assignment assignment) {
      given.add(assignment);
    }

    @Override
    public void standby() {
      if (!stopped) {
        waiting = null;
      }
    }

    @Override
    public void troubled(RuntimeException reason) {
      if (!stopped) {
        waitAfter(reason);
      }
    }

    @Override
    public void replaced(RuntimeException reason) {
      waiting =
          "another process uses this instance's name in the group of those who do it; give each"
              + " process a name of its own with kafka: instance:; "
              + what
              + " waits";
      LOG.warn("{}", waiting);
    }
  }
}
