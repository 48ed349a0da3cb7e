package dev.nagare.streaming.learn;

import dev.nagare.models.online.StepReport;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LostRecordsException;
import dev.nagare.streaming.kafka.RecordBatch;
import dev.nagare.streaming.protocol.ProtocolJson;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/**
 * The one writer of a model's weights: reads the model's topic, scores, learns, publishes, answers,
 * and writes checkpoints.
 *
 * <p>All of it happens on one thread, in log order, so that the state after a record depends on
 * nothing but the records before it. Status and events are for any thread.
 */
final class Learner implements AutoCloseable {
  /** Batches between the polling thread and this one. */
  private static final int PREFETCH = 2;

  private static final Duration RETRY_FIRST = Duration.ofMillis(500);
  private static final Duration RETRY_LONGEST = Duration.ofSeconds(5);

  /** How long the last answers of a stopping process may take to arrive. */
  static final long DRAIN_NANOS = 2_000_000_000L;

  private static final Logger LOG = LoggerFactory.getLogger(Learner.class);

  private final LearnedModel config;
  private final ServedModel served;
  private final LearnerState state;
  private final StreamingObserver told;
  private final EventStream events;
  private final ScheduledExecutorService thread;
  private final Scheduler scheduler;
  private final AtomicLong learned = new AtomicLong();
  private final Sinks.Empty<Void> end = Sinks.empty();

  private @Nullable KafkaCluster cluster;
  private @Nullable LearnerRecords records;
  private @Nullable Disposable reading;
  private long checkpointNanos = System.nanoTime();

  private volatile boolean closing;
  private volatile @Nullable String waiting;
  private volatile @Nullable String stopped;
  private volatile @Nullable String checkpointError;

  /**
   * Prepares a learner that reads nothing yet.
   *
   * @param state belongs to this learner from now on
   * @param threads makes the learner's thread
   */
  Learner(
      LearnedModel config,
      ServedModel served,
      LearnerState state,
      ThreadFactory threads,
      StreamingObserver told) {
    this.config = config;
    this.served = served;
    this.state = state;
    this.told = told;
    this.events = new EventStream(config.features());
    this.thread = Executors.newSingleThreadScheduledExecutor(threads);
    this.scheduler = Schedulers.fromExecutorService(thread);
  }

  /** Begins to read the model's topic, as soon as it is there. */
  void start(KafkaCluster kafka, Questions questions, ProtocolJson codec, boolean createTopics) {
    cluster = kafka;
    var in = new LearnerRecords(config.name(), kafka.writer(config.name()), questions, codec, this);
    records = in;
    waiting = "connecting to Kafka at " + kafka.servers() + "; learning waits";
    var topics = List.of(state.lineage().topic(), in.predictions(), in.deadLetters());
    var reader = kafka.reader(state.lineage().topic(), state.lineage().partition());
    reading =
        reader
            .batches(
                () -> {
                  kafka.requireTopics(topics, createTopics);
                  waiting = null;
                  return state.readFrom();
                })
            .takeUntilOther(end.asMono())
            .publishOn(scheduler, PREFETCH)
            .retryWhen(
                Retry.backoff(Long.MAX_VALUE, RETRY_FIRST)
                    .maxBackoff(RETRY_LONGEST)
                    .transientErrors(true)
                    .filter(failure -> !(failure instanceof LostRecordsException))
                    .doBeforeRetry(signal -> waitAfter(signal.failure())))
            .subscribe(batch -> learn(in, batch), this::stop);
    long interval = config.checkpointInterval().toNanos();
    var _ =
        thread.scheduleWithFixedDelay(
            this::checkpointInTime, interval, interval, TimeUnit.NANOSECONDS);
  }

  private void learn(LearnerRecords in, RecordBatch batch) {
    for (int i = 0; i < batch.size() && !closing && stopped == null; i++) {
      if (!in.process(batch, i)) {
        return; // closing while it waited: the record is read again after the restart
      }
    }
    checkpointIfDue();
  }

  /** Scores and learns one row, and gives the step's report; called by {@link LearnerRecords}. */
  StepReport observe(float[] row, long offset, long timestampMillis) {
    long started = System.nanoTime();
    StepReport report = state.model().observe(row);
    state.advance(offset + 1);
    if (report.learned()) {
      learned.incrementAndGet();
      told.learned(config.name(), System.nanoTime() - started);
      if (report.version() % config.publishEvery() == 0) {
        served.publication().publish(state.model().snapshot(), state.lineage());
        told.published(config.name(), report.version());
      }
    }
    events.emit(report, row, offset, timestampMillis);
    return report;
  }

  /** A record that teaches nothing is done; called by {@link LearnerRecords}. */
  void pass(long offset) {
    state.advance(offset + 1);
  }

  /** What the model has learned; for the learner's own thread. */
  Lineage lineage() {
    return state.lineage();
  }

  boolean isClosing() {
    return closing;
  }

  StreamingObserver told() {
    return told;
  }

  /** For the time when no records come. */
  private void checkpointInTime() {
    try {
      checkpointIfDue();
    } catch (RuntimeException e) { // what it is, a person must see: a timer would swallow it
      stop(e);
    }
  }

  private void checkpointIfDue() {
    if (System.nanoTime() - checkpointNanos >= config.checkpointInterval().toNanos()) {
      checkpoint(Long.MAX_VALUE);
    }
  }

  /** Writes a checkpoint, once everything that came of the records before it has arrived. */
  private void checkpoint(long waitNanos) {
    LearnerRecords in = records;
    checkpointNanos = System.nanoTime();
    if (in == null || !state.isUnsaved() || stopped != null) {
      return;
    }
    String undelivered = in.undelivered(waitNanos);
    String error = undelivered != null ? undelivered : state.save();
    if (error != null && !error.equals(checkpointError)) {
      LOG.error("{}", error);
    } else if (error == null && checkpointError != null) {
      LOG.info("checkpoints of {} are written again", config.name());
    }
    checkpointError = error;
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
    if (failure instanceof LostRecordsException) {
      stopped =
          failure.getMessage()
              + ": records were lost before they were learned; learning stopped. Move the"
              + " checkpoints of "
              + config.name()
              + " away to begin afresh with what the log has, and raise retention.ms of the topic";
    } else {
      stopped = "learning stopped: " + failure + "; restart to go on from the last checkpoint";
    }
    LOG.error("{}: {}", config.name(), stopped, failure);
  }

  /** Why the last checkpoint could not be written; null if it could. */
  @Nullable String checkpointError() {
    return checkpointError;
  }

  ModelStatus status() {
    LearnerRecords in = records;
    Publication.Published published = served.publication().peek();
    return new ModelStatus(
        true,
        degraded(),
        published.snapshot().version(),
        published.lineage(),
        learned.get(),
        in == null ? 0 : in.deadLetterCount(),
        checkpointError);
  }

  private @Nullable String degraded() {
    KafkaCluster kafka = cluster;
    if (stopped != null) {
      return stopped;
    }
    if (kafka != null && kafka.isAway()) {
      return "Kafka at " + kafka.servers() + " does not answer; learning waits";
    }
    return waiting;
  }

  Flux<LearningEvent> events() {
    return events.flux();
  }

  /** Stops at a record edge, waits for the last answers, writes the final checkpoint. */
  @Override
  public void close() {
    closing = true;
    // The end comes in order, as a signal: to cancel would interrupt the thread, and with it a
    // checkpoint that it may be writing.
    end.tryEmitEmpty();
    onThread(() -> checkpoint(DRAIN_NANOS));
    if (reading != null) {
      reading.dispose();
    }
    if (records != null) {
      records.close();
    }
    events.close();
    scheduler.dispose();
    thread.close();
    state.close();
  }

  private void onThread(Runnable task) {
    try {
      thread.submit(task).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(config.name() + ": " + e.getCause(), e);
    }
  }
}
