package dev.nagare.streaming.kafka;

import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands for a partition whose one owner has work to do: begins the work when the group gives the
 * partition to this process, asks the group again after a failure that may pass, gives up for good
 * after any other, and always knows why the work is not done.
 *
 * <p>To work is to fence: whoever begins shuts out all earlier owners by its transactional id. So
 * when a partition was lost without a question, or a failure may mean that another has fenced this
 * one, and the group then says that somebody else has it, this process was overtaken.
 *
 * <p>Decisions of the group, and what the work says of itself, are heard on the one thread that the
 * work is done on. {@link #waiting} and {@link #isStopped} are for any.
 */
public final class Candidacy {
  private static final long RETRY_MILLIS = 500;
  private static final Logger LOG = LoggerFactory.getLogger(Candidacy.class);

  private final String model;
  private final String group;
  private final String what;
  private final ScheduledExecutorService thread;
  private final Work work;
  private volatile @Nullable GroupMember member;
  private volatile @Nullable String waiting;
  private volatile @Nullable String stopped;
  private volatile boolean withdrawn;
  private boolean suspicious; // of the thread

  /** What an owner does; called on the thread of the work. */
  public interface Work {
    /**
     * Begins, and says later, by {@link Candidacy#failed} or {@link Candidacy#lost}, how it ended
     * unless the group took the partition back. Releases the assignment when it ends.
     *
     * @throws IOException ends the work for good, as every exception that is not Kafka's
     */
    void begin(Assignment assignment) throws IOException;

    /** Another process has taken over unasked. */
    void overtaken(String why);

    /** Why work that failed like this is not tried again, with the remedy if there is one. */
    String whyStopped(Throwable failure);
  }

  /**
   * Stands for nothing yet.
   *
   * @param model that it is about
   * @param group whose one owner works
   * @param what is done, for people: {@code learning}
   * @param thread of the work; stays the caller's
   */
  public Candidacy(
      String model, String group, String what, ScheduledExecutorService thread, Work work) {
    this.model = model;
    this.group = group;
    this.what = what;
    this.thread = thread;
    this.work = work;
  }

  /**
   * Joins the group; to be called once.
   *
   * @param why the work waits until the group has decided
   * @param join of {@link KafkaCluster#join}
   */
  public void stand(String why, Function<GroupMember.Listener, GroupMember> join) {
    waiting = why + "; " + what + " waits";
    member = join.apply(new Membership());
  }

  /** Why the work is not done now; null if it is, here or by another process. */
  public @Nullable String waiting() {
    String ever = stopped;
    return ever != null ? ever : waiting;
  }

  /** Whether the work is not begun again. */
  public boolean isStopped() {
    return stopped != null;
  }

  private void begin(Assignment assignment) {
    suspicious = false;
    // To begin is to shut out all others: not on a decision that the group has taken back.
    if (withdrawn || isStopped() || assignment.isEnding()) {
      assignment.release();
      return;
    }
    try {
      work.begin(assignment);
      waiting = null;
    } catch (IOException | RuntimeException e) { // whatever it is, nothing was begun
      assignment.release();
      goOn(e);
    }
  }

  /** The partition was lost without a question: somebody else may have it already. */
  public void lost() {
    suspicious = true;
  }

  /** The work has ended like this, and its assignment is released. */
  public void failed(Throwable failure) {
    suspicious = KafkaCluster.mayPass(failure); // it may be that of a fence
    goOn(failure);
  }

  private void goOn(Throwable failure) {
    if (!KafkaCluster.mayPass(failure)) {
      stop(failure);
      return;
    }
    waitAfter(failure);
    try {
      var _ = thread.schedule(this::rejoin, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("{}: {} ends here", model, what);
    }
  }

  private void rejoin() {
    GroupMember now = member;
    if (now != null && !withdrawn && !isStopped()) {
      now.rejoin();
    }
  }

  /** The work is not begun again; what was under way has ended. */
  public void stop(Throwable failure) {
    String why = work.whyStopped(failure);
    stopped = why;
    LOG.error("{}: {}", model, why, failure);
  }

  private void waitAfter(Throwable failure) {
    String reason = failure.getMessage() + "; " + what + " waits";
    if (!reason.equals(waiting)) {
      LOG.warn("{}: {}", model, reason);
    }
    waiting = reason;
  }

  /** Begins nothing any more. */
  public void withdraw() {
    withdrawn = true;
  }

  /** Leaves the group; the work has ended, and its assignment is released. */
  public void leave() {
    withdrawn = true;
    GroupMember now = member;
    if (now != null) {
      now.close();
    }
  }

  /** The group's decisions, handed to the thread of the work. */
  private final class Membership implements GroupMember.Listener {
    @Override
    public void assigned(Assignment assignment) {
      hand(() -> begin(assignment));
    }

    @Override
    public void standby() {
      hand(
          () -> {
            waiting = null;
            if (suspicious) {
              suspicious = false;
              work.overtaken("another process has taken over " + what + " of " + model);
            }
          });
    }

    @Override
    public void troubled(RuntimeException reason) {
      hand(
          () -> {
            if (!isStopped()) {
              waitAfter(reason);
            }
          });
    }

    @Override
    public void replaced(RuntimeException reason) {
      hand(
          () -> {
            String why =
                "another process uses this instance's name in group "
                    + group
                    + "; "
                    + what
                    + " stopped here. Give each process a name of its own with kafka: instance:";
            stopped = why;
            work.overtaken(why);
          });
    }

    private void hand(Runnable task) {
      try {
        thread.execute(guarded(task));
      } catch (RejectedExecutionException e) {
        LOG.debug("{}: {} has ended here", model, what);
      }
    }

    private Runnable guarded(Runnable task) {
      return () -> {
        try {
          task.run();
        } catch (RuntimeException e) { // an executor would swallow it
          stop(e);
        }
      };
    }
  }
}
