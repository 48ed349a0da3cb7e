package dev.nagare.streaming.learn;

import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.RecordFollower;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.batch.PublishedModel;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.checkpoint.CheckpointFolder;
import dev.nagare.streaming.checkpoint.FolderLock;
import dev.nagare.streaming.checkpoint.RegistryEntry;
import dev.nagare.streaming.codec.RecordCodecs;
import dev.nagare.streaming.kafka.Assignment;
import dev.nagare.streaming.kafka.Candidacy;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LostRecordsException;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.streaming.rehearsal.OnlineModels;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
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

  private static final Logger LOG = LoggerFactory.getLogger(Learner.class);

  private final LearnedModel config;
  private final Parts parts;
  private final StreamingObserver told;
  private final LearnerReports reports;
  private final LearnCalls calls = new LearnCalls();
  private final ScheduledExecutorService thread;
  private final Scheduler scheduler;
  private final Standby standby;
  private final Candidacy candidacy;
  private @Nullable Tenure tenure; // of the learner's thread

  private @Nullable KafkaCluster cluster;
  private @Nullable Questions questions;
  private @Nullable ProtocolJson json;
  private @Nullable Consumer<String> onFenced;
  private volatile boolean closing;
  private volatile boolean learning;

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
    this.standby = new Standby(config, parts.models(), reports);
    this.candidacy =
        new Candidacy(config.name(), Tenure.groupOf(config), "learning", thread, new Learning());
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
    candidacy.stand(
        "connecting to Kafka at " + kafka.servers(),
        group -> kafka.join(Tenure.groupOf(config), instance, config.topic(), prepare, group));
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

  /** The group has taken the partition back, or has long given it to somebody else. */
  private void ended(Tenure over) {
    if (tenure != over) {
      return;
    }
    if (over.assignment().isLost()) {
      candidacy.lost();
    } else {
      over.drain();
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
    if (tenure == over) {
      end(over);
      candidacy.failed(reason);
    }
  }

  private void end(Tenure over) {
    tenure = null;
    learning = false;
    over.close();
  }

  /** Learning cannot go on: nothing is written over the last good checkpoint. */
  private void stop(Throwable failure) {
    Tenure over = tenure;
    if (over != null) {
      end(over);
    }
    candidacy.stop(failure);
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

  /** The registry has news; for any thread. */
  public void follow(RegistryEntry known) {
    onThread(
        () -> {
          KafkaCluster kafka = cluster;
          if (tenure == null && kafka != null && !closing) {
            standby.adopt(kafka, known);
          }
        });
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
    if (!candidacy.isStopped() && kafka != null && kafka.isAway()) {
      return "Kafka at " + kafka.servers() + " does not answer; learning waits";
    }
    String now = candidacy.waiting();
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
    candidacy.withdraw();
    var ended = new CompletableFuture<@Nullable Void>();
    onThread(
        () -> {
          try {
            Tenure over = tenure;
            if (over != null) {
              over.drain();
              end(over);
            }
          } finally {
            ended.complete(null);
          }
        });
    ended.join();
    candidacy.leave();
    reports.close();
    scheduler.dispose();
    thread.close();
    try {
      parts.lock().close();
    } catch (IOException e) {
      LOG.warn("{}: the lock of {} could not be closed", config.name(), parts.folder().path(), e);
    }
  }

  /** What is done while the partition is this process's own. */
  private final class Learning implements Candidacy.Work {
    @Override
    public void begin(Assignment assignment) throws IOException {
      Tenure begun = Tenure.begin(Learner.this, Objects.requireNonNull(cluster), assignment);
      tenure = begun;
      learning = true;
      try {
        reports.publish(begun.state());
      } catch (RuntimeException e) {
        end(begun);
        throw e;
      }
      var _ =
          assignment
              .batches(parts.rehearsal().resumeAt(begun.state().nextOffset()))
              .publishOn(scheduler, PREFETCH)
              .subscribe(begun::process, failure -> broken(begun, failure), () -> ended(begun));
    }

    @Override
    public void overtaken(String why) {
      reports.fenced(why);
      Consumer<String> fencing = onFenced;
      if (fencing != null) {
        fencing.accept(why);
      }
    }

    @Override
    public String whyStopped(Throwable failure) {
      if (failure instanceof LostRecordsException) {
        return failure.getMessage()
            + ": records were lost before they were learned; learning stopped. Raise"
            + " retention.ms of the topic, and give the model another name to begin afresh with"
            + " what the log has";
      }
      return failure instanceof IllegalStateException
          ? failure.getMessage() + "; learning stopped"
          : "learning stopped: " + failure + "; a restart goes on from the last checkpoint";
    }
  }
}
