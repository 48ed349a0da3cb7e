package dev.nagare.streaming.kafka;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that only the owner of a partition may do, in one go on a thread of its own: what a {@link
 * Candidacy} begins runs until the partition goes.
 *
 * <p>Safe for any thread.
 */
public final class PartitionOwner implements AutoCloseable {
  private static final long STOP_MILLIS = 3_000;
  private static final Logger LOG = LoggerFactory.getLogger(PartitionOwner.class);

  private final String what;
  private final Work work;
  private final ScheduledExecutorService thread;
  private final Candidacy candidacy;
  private volatile boolean closing;

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
   * @param model that it is about
   * @param group whose one owner works
   * @param what is done, for people: {@code joining of labels of m}
   */
  public PartitionOwner(String model, String group, String what, Work work) {
    this.what = what;
    this.work = work;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("nagare-owner " + what).factory());
    this.candidacy = new Candidacy(model, group, what, thread, new Turn());
  }

  /**
   * Joins the group; to be called once.
   *
   * @param why it waits until the group has decided
   * @param join of {@link KafkaCluster#join}
   */
  public void stand(String why, Function<GroupMember.Listener, GroupMember> join) {
    candidacy.stand(why, join);
  }

  /** Why the work is not done now; null if it is, here or by another process. */
  public @Nullable String waiting() {
    return candidacy.waiting();
  }

  private void own(Assignment assignment) {
    RuntimeException failure = null;
    try {
      if (!closing && !candidacy.isStopped() && !assignment.isEnding()) { // since it was begun
        work.run(() -> closing || assignment.isEnding());
      }
    } catch (RuntimeException e) { // whatever it is, it ends the work
      failure = e;
    } finally {
      assignment.release();
    }
    if (assignment.isLost()) {
      candidacy.lost();
    }
    if (failure != null && !closing) {
      candidacy.failed(failure);
    }
  }

  /** Stops at an edge, and leaves the group. */
  @Override
  public void close() {
    closing = true;
    candidacy.withdraw();
    boolean interrupted = false;
    try {
      var idle = new CountDownLatch(1);
      thread.execute(idle::countDown);
      if (!idle.await(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
        thread.shutdownNow(); // whatever it waits for, it has waited long enough
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    candidacy.leave();
    thread.shutdownNow();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** One after the other, on the thread. */
  private final class Turn implements Candidacy.Work {
    @Override
    public void begin(Assignment assignment) {
      thread.execute(() -> own(assignment));
    }

    @Override
    public void overtaken(String why) {
      LOG.warn("{}", why);
    }

    @Override
    public String whyStopped(Throwable failure) {
      return failure.getMessage() + "; " + what + " stopped";
    }
  }
}
