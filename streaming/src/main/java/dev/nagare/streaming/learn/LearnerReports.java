package dev.nagare.streaming.learn;

import dev.nagare.models.online.OnlineModel;
import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelLineage;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.batch.Publication;
import dev.nagare.streaming.batch.PublishedModel;
import dev.nagare.streaming.checkpoint.RegistryEntry;
import dev.nagare.streaming.rehearsal.CrashPoint;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;

/**
 * What others see of a learner: the version that answers, events, counts, checkpoints. Told by the
 * learner's threads, read by any.
 */
final class LearnerReports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LearnerReports.class);

  private final LearnedModel config;
  private final PublishedModel served;
  private final Path folder;
  private final Rehearsal rehearsal;
  private final StreamingObserver told;
  private final EventStream events;
  private final DeadLetters deadLetters;
  private final AtomicLong learned = new AtomicLong();
  private final AtomicLong fenced = new AtomicLong();
  private final Map<String, Long> guards = new ConcurrentHashMap<>();
  private volatile RegistryEntry entry;
  private volatile @Nullable String checkpointError;
  private volatile @Nullable String rollBackTrouble;

  LearnerReports(
      LearnedModel config,
      PublishedModel served,
      Path folder,
      Rehearsal rehearsal,
      StreamingObserver told) {
    this.config = config;
    this.served = served;
    this.folder = folder;
    this.rehearsal = rehearsal;
    this.told = told;
    this.events = new EventStream(config.features());
    this.deadLetters = new DeadLetters(config, told);
    this.entry = RegistryEntry.none(config.name());
  }

  DeadLetters deadLetters() {
    return deadLetters;
  }

  Flux<LearningEvent> events() {
    return events.flux();
  }

  /** What the registry says. */
  void entry(RegistryEntry known) {
    entry = known;
  }

  /** The version that answers. */
  long published() {
    return served.publication().peek().snapshot().version();
  }

  @Nullable String checkpointError() {
    return checkpointError;
  }

  /** Why the last roll-back was not done; null if it was. */
  @Nullable String rollBackTrouble() {
    return rollBackTrouble;
  }

  void rollBackTrouble(@Nullable String why) {
    rollBackTrouble = why;
  }

  /** Another process has taken over unasked. */
  void fenced(String why) {
    fenced.incrementAndGet();
    told.fenced(config.name());
    LOG.warn("{}", why);
  }

  /** A record was learned. */
  void observed(
      LearnerState state,
      StepReport report,
      float[] row,
      long offset,
      long timestampMillis,
      long nanos) {
    if (report.guard() != null) {
      String guard = report.guard().reason();
      guards.merge(guard, 1L, Long::sum);
      told.guarded(config.name(), guard);
      LOG.warn(
          "{}: guard {} took step {} back, {} records quarantined, offset {}",
          config.name(),
          guard,
          report.version(),
          report.quarantined(),
          offset);
    }
    if (report.learned()) {
      int examples = config.online().training().batch();
      learned.addAndGet(examples);
      told.learned(config.name(), examples, nanos);
      if (report.version() % config.publishEvery() == 0) {
        publish(state);
      }
    }
    events.emit(report, truthOf(row), state.examples(), state.partition(), offset, timestampMillis);
  }

  /** An example has its whole window, and the prediction, around what was true. */
  private float[] truthOf(float[] row) {
    if (config.joining() == null) {
      return row;
    }
    int features = config.features().size();
    int end = config.online().network().window() * (features + 1);
    float[] truth = Arrays.copyOfRange(row, end - features - 1, end);
    truth[features] = row[end];
    return truth;
  }

  /** A number names the same bits for ever: what answers already is not published again. */
  void publish(LearnerState state) {
    OnlineModel model = state.model();
    if (model.version() > published()) {
      rehearsal.reached(CrashPoint.BEFORE_PUBLICATION);
      served.publication().publish(model.snapshot(), state.lineage());
      rehearsal.reached(CrashPoint.AFTER_PUBLICATION);
      told.published(config.name(), model.version());
    }
  }

  /** Says what became of a checkpoint, as soon as it is known. */
  void whenWritten(CompletableFuture<CheckpointRecord> image) {
    var _ = image.whenComplete(this::written);
  }

  void written(@Nullable CheckpointRecord record, @Nullable Throwable failure) {
    if (record != null) {
      if (checkpointError != null) {
        LOG.info("checkpoints of {} are written again", config.name());
      }
      checkpointError = null;
      entry = entry.with(record);
    } else if (failure instanceof IOException) {
      String error =
          "checkpoint of "
              + config.name()
              + " could not be written to "
              + folder
              + " ("
              + failure.getMessage()
              + "); free some space there or choose another folder with data:; the last good one"
              + " is intact";
      if (!error.equals(checkpointError)) {
        LOG.error("{}", error);
      }
      checkpointError = error;
    }
  }

  /** The last outputs or the final checkpoint have not arrived in time. */
  void unacknowledged() {
    checkpointError =
        "no final checkpoint of "
            + config.name()
            + ": Kafka has not acknowledged all outputs; records from the last one on are read"
            + " again";
    LOG.warn("{}", checkpointError);
  }

  ModelStatus status(boolean learning, @Nullable String degraded) {
    Publication.Published published = served.publication().peek();
    RegistryEntry known = entry;
    return new ModelStatus(
        true,
        degraded,
        learning,
        published.snapshot().version(),
        published.lineage(),
        learned.get(),
        deadLetters.count(),
        Map.copyOf(guards),
        fenced.get(),
        known.checkpoints().isEmpty() ? -1 : known.checkpoints().getFirst().step(),
        checkpointError);
  }

  ModelLineage lineage() {
    Publication.Published published = served.publication().peek();
    return new ModelLineage(
        config.name(), published.snapshot().version(), published.lineage(), entry.checkpoints());
  }

  @Override
  public void close() {
    events.close();
  }
}
