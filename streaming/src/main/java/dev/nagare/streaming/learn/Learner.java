package dev.nagare.streaming.learn;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.RecordFollower;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.batch.PublishedModel;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.checkpoint.Checkpoint;
import dev.nagare.streaming.checkpoint.CheckpointFolder;
import dev.nagare.streaming.checkpoint.FolderLock;
import dev.nagare.streaming.checkpoint.Registry;
import dev.nagare.streaming.checkpoint.RegistryEntry;
import dev.nagare.streaming.codec.RecordCodecs;
import dev.nagare.streaming.kafka.Assignment;
import dev.nagare.streaming.kafka.GroupMember;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LostRecordsException;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.streaming.rehearsal.OnlineModels;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A learned model in this process: its learner while the group gives it the model's partition, and
 * a follower of the registry while another process is that.
 *
 * <p>Everything that changes the model happens on one thread, in log order, so that the state after
 * a record depends on nothing but the records before it. Status and events are for any thread.
 */
public final class Learner implements AutoCloseable {
  /** Batches between the polling thread and this one. */
  private static final int PREFETCH = 2;

  private static final long RETRY_MILLIS = 500;

  /** How long the last outputs and the final checkpoint may take. */
  private static final long DRAIN_MILLIS = 3_000;

  private static final Logger LOG = LoggerFactory.getLogger(Learner.class);

  private final LearnedModel config;
  private final Parts parts;
  private final StreamingObserver told;
  private final LearnerReports reports;
  private final LearnCalls calls = new LearnCalls();
  private final ScheduledExecutorService thread;
  private final Scheduler scheduler;

  // Of the learner's thread.
  private @Nullable Tenure tenure;
  private boolean suspicious;

  private @Nullable KafkaCluster cluster;
  private @Nullable GroupMember member;
  private @Nullable Questions questions;
  private @Nullable ProtocolJson json;
  private @Nullable Consumer<String> onFenced;
  private volatile boolean closing;
  private volatile boolean learning;
  private volatile @Nullable String waiting;
  private volatile @Nullable String stopped;

  /**
   * What a learner is made of; all of it belongs to the learner from now on.
   *
   * @param folder cache of checkpoints
   * @param lock of that folder
   * @param models where the model comes from
   * @param rehearsal where a drill reaches in
   * @param follower of the records
   */
  public record Parts(
      CheckpointFolder folder,
      FolderLock lock,
      OnlineModels models,
      Rehearsal rehearsal,
      RecordFollower follower) {}

  /**
   * Prepares a learner that reads nothing yet.
   *
   * @param threads makes the learner's thread
   */
  public Learner(
      LearnedModel config,
      PublishedModel served,
      Parts parts,
      ThreadFactory threads,
      StreamingObserver told) {
    this.config = config;
    this.parts = parts;
    this.told = told;
    this.reports =
        new LearnerReports(config, served, parts.folder().path(), parts.rehearsal(), told);
    this.thread = Executors.newSingleThreadScheduledExecutor(threads);
    this.scheduler = Schedulers.fromExecutorService(thread);
  }

  /**
   * Stands for election: joins the group of the model's learners.
   *
   * @param instance name of this process
   * @param prepare runs before each attempt to join
   * @param fencing told, on the learner's thread, when another process took over unasked
   */
  public void start(
      KafkaCluster kafka,
      Questions asked,
      ProtocolJson codec,
      String instance,
      Runnable prepare,
      Consumer<String> fencing) {
    cluster = kafka;
    questions = asked;
    json = codec;
    onFenced = fencing;
    waiting = "connecting to Kafka at " + kafka.servers() + "; learning waits";
    member =
        kafka.join(Tenure.groupOf(config), instance, config.topic(), prepare, new Membership());
    long interval = config.checkpointInterval().toNanos();
    var _ =
        thread.scheduleWithFixedDelay(
            guarded(this::checkpointInTime), interval, interval, TimeUnit.NANOSECONDS);
  }

  /** For the time when no records come. */
  private void checkpointInTime() {
    Tenure now = tenure;
    if (now != null) {
      now.checkpointIfDue();
    }
  }

  private void begin(KafkaCluster kafka, Assignment assignment) {
    suspicious = false;
    if (closing || stopped != null || assignment.isEnding()) {
      assignment.release();
      return;
    }
    try {
      Tenure begun = Tenure.begin(this, kafka, assignment);
      tenure = begun;
      learning = true;
      waiting = null;
      reports.publish(begun.state());
      var _ =
          assignment
              .batches(parts.rehearsal().resumeAt(begun.state().nextOffset()))
              .publishOn(scheduler, PREFETCH)
              .subscribe(begun::process, failure -> broken(begun, failure), () -> ended(begun));
    } catch (IllegalStateException | IOException e) {
      assignment.release();
      stop(e);
    } catch (RuntimeException e) { // Kafka's: another attempt may mend it
      assignment.release();
      retry(e);
    }
  }

  /** The group has taken the partition back, or has long given it to somebody else. */
  private void ended(Tenure over) {
    if (tenure != over) {
      return;
    }
    if (over.assignment().isLost()) {
      suspicious = true;
    } else {
      awaitFinal(over);
    }
    end(over);
  }

  /** What a committer tells: nothing of its tenure is written any more. */
  void failed(Exception reason) {
    onThread(
        () -> {
          Tenure now = tenure;
          if (now != null && now.isBroken()) {
            broken(now, reason);
          }
        });
  }

  private void broken(Tenure over, Throwable reason) {
    if (tenure != over) {
      return;
    }
    end(over);
    if (reason instanceof LostRecordsException || !KafkaCluster.mayPass(reason)) {
      stop(reason);
    } else {
      suspicious = true;
      retry(reason);
    }
  }

  private void end(Tenure over) {
    tenure = null;
    learning = false;
    over.close();
  }

  private void retry(Throwable reason) {
    waitAfter(reason);
    var _ =
        thread.schedule(
            () -> {
              GroupMember now = member;
              if (now != null && !closing && stopped == null) {
                now.rejoin();
              }
            },
            RETRY_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  private void waitAfter(Throwable failure) {
    String reason = failure.getMessage() + "; learning waits";
    if (!reason.equals(waiting)) {
      LOG.warn("{}: {}", config.name(), reason);
    }
    waiting = reason;
  }

  /** Learning cannot go on: nothing is written over the last good checkpoint. */
  private void stop(Throwable failure) {
    Tenure over = tenure;
    if (over != null) {
      end(over);
    }
    if (failure instanceof LostRecordsException) {
      stopped =
          failure.getMessage()
              + ": records were lost before they were learned; learning stopped. Raise"
              + " retention.ms of the topic, and give the model another name to begin afresh with"
              + " what the log has";
    } else if (failure instanceof IllegalStateException) {
      stopped = failure.getMessage() + "; learning stopped";
    } else {
      stopped = "learning stopped: " + failure + "; a restart goes on from the last checkpoint";
    }
    LOG.error("{}: {}", config.name(), stopped, failure);
  }

  // What a tenure needs.

  LearnedModel config() {
    return config;
  }

  Parts parts() {
    return parts;
  }

  StreamingObserver told() {
    return told;
  }

  boolean isClosing() {
    return closing;
  }

  LearnerRecords recordsOf(Tenure now) {
    Questions asked = Objects.requireNonNull(questions);
    ProtocolJson codec = Objects.requireNonNull(json);
    return new LearnerRecords(
        config,
        asked,
        RecordCodecs.of(config, codec),
        codec,
        now,
        reports.deadLetters(),
        calls,
        parts.follower());
  }

  /** Makes a version again from the log. */
  Rebuild rebuild(KafkaCluster kafka) {
    return new Rebuild(kafka, config, parts.models(), Objects.requireNonNull(json));
  }

  private void awaitFinal(Tenure over) {
    CompletableFuture<CheckpointRecord> last = over.finish();
    try {
      CheckpointRecord record = last.get(DRAIN_MILLIS, TimeUnit.MILLISECONDS);
      if (record != null) {
        reports.written(record, null);
      }
    } catch (ExecutionException e) {
      reports.written(null, e.getCause());
    } catch (TimeoutException | CancellationException e) {
      reports.unacknowledged();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The registry has news; for any thread. */
  public void follow(RegistryEntry known) {
    onThread(() -> adopt(known));
  }

  /** Another process learns: its newest checkpoint answers here too. */
  private void adopt(RegistryEntry known) {
    KafkaCluster kafka = cluster;
    if (tenure != null || known.checkpoints().isEmpty() || kafka == null || closing) {
      return;
    }
    reports.entry(known);
    CheckpointRecord newest = known.checkpoints().getFirst();
    if (newest.step() <= reports.published()) {
      return;
    }
    try {
      Optional<byte[]> blob = new Registry(kafka).fetch(newest);
      if (blob.isPresent()) {
        Checkpoint checkpoint = Checkpoint.read(blob.get());
        try (LearnerState state = LearnerState.restored(config, parts.models(), checkpoint)) {
          reports.publish(state);
        }
      }
    } catch (IOException | RuntimeException e) { // the next checkpoint may be better
      LOG.warn("{}: checkpoint {} cannot be used here", config.name(), newest.name(), e);
    }
  }

  /** Follows the registry without standing for election. */
  public void followOnly(KafkaCluster kafka) {
    cluster = kafka;
  }

  /** Why the last checkpoint could not be written; null if it could. */
  public @Nullable String checkpointError() {
    return reports.checkpointError();
  }

  private @Nullable String degraded() {
    KafkaCluster kafka = cluster;
    if (stopped != null) {
      return stopped;
    }
    if (kafka != null && kafka.isAway()) {
      return "Kafka at " + kafka.servers() + " does not answer; learning waits";
    }
    String now = waiting;
    return now != null ? now : reports.rollBackTrouble();
  }

  /** Callers who wait until their record is learned. */
  LearnCalls calls() {
    return calls;
  }

  LearnerReports reports() {
    return reports;
  }

  ModelStatus status() {
    return reports.status(learning, degraded());
  }

  private void onThread(Runnable task) {
    try {
      thread.execute(guarded(task));
    } catch (RejectedExecutionException e) {
      LOG.debug("{}: already closed", config.name());
    }
  }

  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) { // what it is, a person must see: an executor swallows it
        stop(e);
      }
    };
  }

  /** Stops at a record edge, waits for the last outputs and the final checkpoint, leaves. */
  @Override
  public void close() {
    closing = true;
    var ended = new CompletableFuture<@Nullable Void>();
    onThread(
        () -> {
          try {
            Tenure over = tenure;
            if (over != null) {
              awaitFinal(over);
              end(over);
            }
          } finally {
            ended.complete(null);
          }
        });
    ended.join();
    if (member != null) {
      member.close();
    }
    reports.close();
    scheduler.dispose();
    thread.close();
    try {
      parts.lock().close();
    } catch (IOException e) {
      LOG.warn("{}: the lock of {} could not be closed", config.name(), parts.folder().path(), e);
    }
  }

  /** The group's decisions, handed to the learner's thread. */
  private final class Membership implements GroupMember.Listener {
    @Override
    public void assigned(Assignment assignment) {
      KafkaCluster kafka = cluster;
      if (kafka != null) {
        onThread(() -> begin(kafka, assignment));
      }
    }

    @Override
    public void standby() {
      onThread(
          () -> {
            waiting = null;
            if (suspicious) {
              suspicious = false;
              fence("another process has taken over as the learner of " + config.name());
            }
          });
    }

    @Override
    public void troubled(RuntimeException reason) {
      onThread(() -> waitAfter(reason));
    }

    @Override
    public void replaced(RuntimeException reason) {
      onThread(
          () -> {
            stopped =
                "another process uses this instance's name in group "
                    + Tenure.groupOf(config)
                    + "; this one goes on as scorer. Give each process a name of its own with"
                    + " kafka: instance:";
            fence(stopped);
          });
    }

    private void fence(String why) {
      reports.fenced(why);
      Consumer<String> fencing = onFenced;
      if (fencing != null) {
        fencing.accept(why);
      }
    }
  }
}
