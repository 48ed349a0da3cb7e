package dev.nagare.streaming.learn;

import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.checkpoint.Checkpoint;
import dev.nagare.streaming.checkpoint.CheckpointFolder;
import dev.nagare.streaming.checkpoint.Checkpointer;
import dev.nagare.streaming.checkpoint.Registry;
import dev.nagare.streaming.checkpoint.RegistryEntry;
import dev.nagare.streaming.kafka.Assignment;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.RecordBatch;
import dev.nagare.streaming.kafka.TransactionalWriter;
import dev.nagare.streaming.rehearsal.CrashPoint;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time in which this process is the model's one learner, from the fence to the last commit.
 *
 * <ol>
 *   <li>fence: every earlier writer is shut out, what it left open is aborted;
 *   <li>read the registry: nobody can change it any more;
 *   <li>load the newest checkpoint that is whole, from the folder or from the topic;
 *   <li>go on at its offset; outputs that were committed after it are not written again.
 * </ol>
 *
 * <p>Belongs to the learner's thread.
 */
final class Tenure implements AutoCloseable {
  /** How long the last outputs and the final checkpoint may take. */
  private static final long DRAIN_MILLIS = 3_000;

  private static final Logger LOG = LoggerFactory.getLogger(Tenure.class);

  private final Learner learner;
  private final LearnedModel config;
  private final KafkaCluster cluster;
  private final Assignment assignment;
  private final LearnerState state;
  private final Committer committer;
  private final LearnerRecords records;
  private final long written;
  private long imageOffset;
  private long imageNanos = System.nanoTime();
  private CompletableFuture<CheckpointRecord> image = new CompletableFuture<>();
  private boolean broken;
  private boolean rolledBack;

  private Tenure(
      Learner learner,
      KafkaCluster cluster,
      Assignment assignment,
      LearnerState state,
      Committer committer,
      long written) {
    this.learner = learner;
    this.cluster = cluster;
    this.config = learner.config();
    this.assignment = assignment;
    this.state = state;
    this.committer = committer;
    this.written = written;
    this.imageOffset = state.nextOffset();
    this.image.complete(null);
    this.records = learner.recordsOf(this);
  }

  /**
   * Begins: fence, read, load.
   *
   * @throws IllegalStateException with the remedy, if learning can never go on like this
   * @throws RuntimeException of Kafka's, if it may at another time
   */
  static Tenure begin(Learner learner, KafkaCluster cluster, Assignment assignment)
      throws IOException {
    LearnedModel config = learner.config();
    Learner.Parts parts = learner.parts();
    String id = groupOf(config);
    TransactionalWriter writer = cluster.fence(id, id);
    LearnerState state = null;
    try {
      var registry = new Registry(cluster);
      RegistryEntry entry = registry.read(config.name());
      OptionalLong committed = cluster.committed(id, config.topic());
      Loaded loaded = load(learner, cluster, registry, entry, committed);
      state = loaded.state();
      var checkpointer =
          new Checkpointer(
              registry,
              parts.folder(),
              parts.rehearsal(),
              entry,
              loaded.usable(),
              cluster.lease(id));
      learner.reports().entry(loaded.usable());
      long written = committed.orElse(state.nextOffset());
      var committer =
          new Committer(
              config.name(),
              config.topic(),
              written,
              cluster.outputs(writer),
              writer,
              checkpointer,
              parts.rehearsal(),
              learner.told(),
              learner::failed);
      var tenure = new Tenure(learner, cluster, assignment, state, committer, written);
      if (entry.checkpoints().isEmpty()) {
        // The first checkpoint: from here on a missing registry means a lost one.
        learner.reports().whenWritten(tenure.takeImage());
      }
      return tenure;
    } catch (IOException | RuntimeException e) {
      if (state != null) {
        state.close();
      }
      writer.close();
      throw e;
    }
  }

  /** The consumer group and transactional id of a model's learner. */
  static String groupOf(LearnedModel config) {
    return "nagare-" + config.name();
  }

  /**
   * Where a tenure begins.
   *
   * @param usable what the registry says, without checkpoints that are lost
   */
  private record Loaded(LearnerState state, RegistryEntry usable) {}

  private static Loaded load(
      Learner learner,
      KafkaCluster cluster,
      Registry registry,
      RegistryEntry entry,
      OptionalLong committed)
      throws IOException {
    LearnedModel config = learner.config();
    Learner.Parts parts = learner.parts();
    for (CheckpointRecord known : entry.checkpoints()) {
      Optional<byte[]> blob = blob(parts.folder(), registry, known);
      if (blob.isPresent()) {
        LearnerState state =
            LearnerState.restored(config, parts.models(), Checkpoint.read(blob.get()));
        LOG.info(
            "resumed {} from checkpoint at step {}, next offset {}",
            config.name(),
            known.step(),
            known.lineage().nextOffset());
        return new Loaded(state, entry.from(known));
      }
    }
    if (!entry.checkpoints().isEmpty()) {
      throw new IllegalStateException(
          "model "
              + config.name()
              + ": no copy of its last "
              + entry.checkpoints().size()
              + " checkpoints is whole, neither in "
              + parts.folder().path()
              + " nor in "
              + Registry.SNAPSHOTS
              + "; restore that topic or the folder from a backup, or give the model another name"
              + " to learn afresh");
    }
    if (committed.isPresent()) {
      throw new IllegalStateException(
          "model "
              + config.name()
              + ": "
              + Registry.REGISTRY
              + " does not know it, but group "
              + groupOf(config)
              + " has committed offset "
              + committed.getAsLong()
              + ": the registry was lost; restore the topic, or give the model another name to"
              + " learn afresh");
    }
    long begin = cluster.beginning(config.topic());
    LOG.info("{} starts afresh at offset {} of {}", config.name(), begin, config.topic());
    return new Loaded(LearnerState.fresh(config, parts.models(), begin), entry);
  }

  private static Optional<byte[]> blob(
      CheckpointFolder folder, Registry registry, CheckpointRecord known) throws IOException {
    Optional<byte[]> local = folder.read(known.name(), known.sha256());
    return local.isPresent() ? local : registry.fetch(known);
  }

  LearnerState state() {
    return state;
  }

  /** Whether to stop at the next record edge. */
  boolean isEnding() {
    return isBroken() || assignment.isEnding() || learner.isClosing();
  }

  /** Whether outputs of the record at an offset are still to be written. */
  boolean writes(long offset) {
    return offset >= written;
  }

  /**
   * Takes an output. False if nothing is written any more: the state is then ahead of what was
   * written, and is not used again.
   */
  boolean write(Output output) {
    broken |= !committer.add(output, this::isBroken);
    return !broken;
  }

  /** Whether nothing is written any more. */
  boolean isBroken() {
    return broken || assignment.isLost() || committer.hasFailed();
  }

  /** Does what the records ask for, until the end of the batch or of the tenure. */
  void process(RecordBatch batch) {
    for (int i = 0; i < batch.size() && !isEnding(); i++) {
      if (!records.process(batch, i)) {
        return;
      }
      if (rolledBack) {
        // Soon: processes that only answer have the version from there.
        rolledBack = false;
        learner.reports().whenWritten(takeImage());
      }
      checkpointIfDue(); // a large model takes seconds for a batch of a learner that catches up
    }
  }

  /** Scores and learns one row, publishes if it is time; called by {@link LearnerRecords}. */
  StepReport observe(float[] row, long offset, long timestampMillis, byte[] value) {
    long started = System.nanoTime();
    StepReport report = state.observe(row, offset, value);
    learner.parts().rehearsal().reached(CrashPoint.MID_STEP);
    learner
        .reports()
        .observed(state, report, row, offset, timestampMillis, System.nanoTime() - started);
    return report;
  }

  /**
   * Takes the model back; called by {@link LearnerRecords}.
   *
   * @return false if it was left undone because the tenure is ending
   * @throws RefusedRecordException if the record cannot be followed; the model is as it was
   * @throws dev.nagare.streaming.kafka.LostRecordsException if retention has taken what to go back
   *     to
   */
  boolean rollBack(RollBack back, long offset, byte[] value) {
    Optional<Checkpoint> target = back.snapshot(cluster, config, offset, this::isEnding);
    if (target.isEmpty()) {
      return false;
    }
    state.rollBack(target.get(), offset, value);
    rolledBack = true;
    learner.reports().rollBackTrouble(null);
    learner.reports().publish(state);
    LOG.info(
        "{} went back to version {}, and answers with it as version {}",
        config.name(),
        back.target().step(),
        state.model().version());
    return true;
  }

  /** A record that was to take the model back did not. */
  void rollBackRefused(String why) {
    LOG.error("{}: {}", config.name(), why);
    learner.reports().rollBackTrouble(why);
  }

  /** Takes a checkpoint if it is time and there is something new. */
  void checkpointIfDue() {
    boolean due = System.nanoTime() - imageNanos >= config.checkpointInterval().toNanos();
    if (due && !isEnding() && isUnsaved()) {
      learner.reports().whenWritten(takeImage());
    }
  }

  /** Whether there is anything that no checkpoint was asked to keep, or that one failed to. */
  private boolean isUnsaved() {
    return state.nextOffset() != imageOffset || image.isCompletedExceptionally();
  }

  private CompletableFuture<CheckpointRecord> takeImage() {
    imageNanos = System.nanoTime();
    imageOffset = state.nextOffset();
    image = committer.add(state.image(), state.model().kernelId(), this::isBroken);
    return image;
  }

  /** Takes the final checkpoint, and waits a while for it and for the last outputs. */
  void drain() {
    CompletableFuture<CheckpointRecord> last = !isBroken() && isUnsaved() ? takeImage() : image;
    LearnerReports reports = learner.reports();
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

  Assignment assignment() {
    return assignment;
  }

  /** Ends at once. What is not committed belongs to the next tenure. */
  @Override
  public void close() {
    broken = true;
    committer.close();
    state.close();
    assignment.release();
  }
}
