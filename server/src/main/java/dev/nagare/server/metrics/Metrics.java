package dev.nagare.server.metrics;

import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.Fate;
import dev.nagare.streaming.LabelFault;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.Slot;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.protocol.ProtocolException;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * All metrics of the process. Told of the hot path by the streaming side and the doors; writes the
 * Prometheus page when scraped.
 *
 * <p>Safe for any thread; {@link #page} may take milliseconds and is not for an event loop.
 */
public final class Metrics implements StreamingObserver {

  private static final double NANO = 1e-9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final Meters meters = new Meters(registry);
  private final Map<String, ModelMeters> models = new ConcurrentHashMap<>();
  private final ModelMeters others;
  private final Gauge sockets;
  private final Gauge preparing;
  private final Gauge connections;
  private final Gauge windows;
  private final @Nullable TritonNames triton;
  private boolean jvmRegistered;

  /**
   * Creates the metrics.
   *
   * @param modelNames the models of this process; no other text but the name of a watched model, or
   *     of a folder of the repository, ever becomes a label
   * @param tritonNames whether the page has what models did by Triton's names, too
   */
  public Metrics(
      Collection<String> modelNames, Serving serving, String version, boolean tritonNames) {
    modelNames.forEach(name -> models.put(name, new ModelMeters(meters, name)));
    others = new ModelMeters(new Meters(new PrometheusRegistry()), "other"); // never scraped
    sockets =
        Gauge.builder().name("nagare_stream_sockets").help("Open WebSockets.").register(registry);
    preparing =
        Gauge.builder()
            .name("nagare_processing_waiting")
            .help("Calls with pictures or texts that wait for a thread.")
            .register(registry);
    connections =
        Gauge.builder()
            .name("nagare_connections")
            .help("Open connections.")
            .labelNames("door")
            .register(registry);
    windows =
        Gauge.builder()
            .name("nagare_http2_window_bytes")
            .help("What open HTTP/2 connections may send before it is read.")
            .register(registry);
    Info.builder()
        .name("nagare_build_info")
        .help("What runs here.")
        .labelNames("version", "java")
        .register(registry)
        .setLabelValues(version, Runtime.version().toString());
    new StatusGauges(serving, registry, this::of).register();
    triton = tritonNames ? new TritonNames(models, meters.requests, serving) : null;
  }

  /** Counts what a model does from now on, and watches its learning until disposed. */
  public Disposable watch(ModelService model) {
    ModelMeters mine = models.computeIfAbsent(model.name(), name -> new ModelMeters(meters, name));
    return model.events().subscribe(event -> mine.last = event);
  }

  /** What a watched model did so far. */
  public Tally tally(String model) {
    return of(model).tally;
  }

  /** The last record that a watched model learned from; null before the first. */
  public @Nullable LearningEvent last(String model) {
    return of(model).last;
  }

  @Override
  public void batch(String model, int questions, int rows, long computeNanos) {
    ModelMeters mine = of(model);
    mine.tally.batch(questions, rows, computeNanos);
    mine.batchRows.observe(rows);
    mine.compute.observe(computeNanos * NANO);
  }

  @Override
  public void cost(String model, double workNanos, double batchNanos, double mostWork) {
    ModelMeters mine = of(model);
    mine.costOfWork.set(workNanos * NANO);
    mine.costOfBatch.set(batchNanos * NANO);
    mine.mostWork.set(mostWork);
  }

  @Override
  public void metVersion(String model, long nanos) {
    of(model).publicationStall.observe(nanos * NANO);
  }

  @Override
  public void dequeued(String model, long queueNanos) {
    ModelMeters mine = of(model);
    mine.tally.dequeued(queueNanos);
    mine.queue.observe(queueNanos * NANO);
  }

  @Override
  public void refused(String model, String reason) {
    ModelMeters mine = of(model);
    mine.refused.getOrDefault(reason, mine.refusedOtherwise).inc();
  }

  @Override
  public void lookedUp(String model, boolean known, long nanos) {
    ModelMeters mine = of(model);
    mine.tally.lookedUp(known, nanos);
    (known ? mine.known : mine.unknown).inc();
  }

  @Override
  public void shared(String model) {
    of(model).shared.inc();
  }

  @Override
  public void learned(String model, int examples, long stepNanos) {
    ModelMeters mine = of(model);
    mine.learned.inc(examples);
    mine.step.observe(stepNanos * NANO);
  }

  @Override
  public void deadLetter(String model, Refusal refusal) {
    Objects.requireNonNull(of(model).deadLetters.get(refusal), "one for each refusal").inc();
  }

  @Override
  public void guarded(String model, String guard) {
    if (models.containsKey(model)) {
      meters.guards.labelValues(model, guard).inc();
    }
  }

  @Override
  public void fenced(String model) {
    of(model).fenced.inc();
  }

  @Override
  public void checkpointed(String model, long nanos) {
    of(model).checkpoint.observe(nanos * NANO);
  }

  @Override
  public void committed(String model, int records, long nanos) {
    ModelMeters mine = of(model);
    mine.committed.inc(records);
    mine.commit.observe(nanos * NANO);
  }

  @Override
  public void labelled(String model, Fate fate, int labels) {
    if (models.containsKey(model)) {
      meters.labels.labelValues(model, fate.label()).inc(labels);
    }
  }

  @Override
  public void invalidLabels(String model, LabelFault why, int labels) {
    if (models.containsKey(model)) {
      meters.invalidLabels.labelValues(model, why.label()).inc(labels);
    }
  }

  @Override
  public void joined(String model, int waiting, int forgotten, long nanos) {
    if (models.containsKey(model)) {
      meters.waiting.labelValues(model).set(waiting);
      meters.unlabelled.labelValues(model).inc(forgotten);
      of(model).commit.observe(nanos * NANO);
    }
  }

  @Override
  public void published(String model, long version) {
    of(model).publications.inc();
  }

  @Override
  public void tried(String model, Slot by, boolean answered, long nanos) {
    if (models.containsKey(model)) {
      meters.tried.labelValues(model, by.label(), answered ? "answered" : "failed").inc();
      if (answered) {
        meters.triedDuration.labelValues(model, by.label()).observe(nanos * NANO);
      }
    }
  }

  @Override
  public void scored(String model, Slot by, boolean right) {
    if (models.containsKey(model)) {
      meters.scored.labelValues(model, by.label(), right ? "right" : "wrong").inc();
    }
  }

  @Override
  public void shadowDropped(String model) {
    if (models.containsKey(model)) {
      meters.tried.labelValues(model, Slot.SHADOW.label(), "dropped").inc();
    }
  }

  @Override
  public void compared(String model, int rows, int agreeing) {
    if (models.containsKey(model)) {
      meters.compared.labelValues(model, "same").inc(agreeing);
      meters.compared.labelValues(model, "other").inc(rows - agreeing);
    }
  }

  // These names come from the repository's folder, before anything of it is watched.

  @Override
  public void loadFailed(String model, String reason) {
    meters.failedLoads.labelValues(model, reason).inc();
  }

  @Override
  public void memory(String model, long bytes) {
    meters.memory.labelValues(model).set((double) bytes);
  }

  /**
   * An inference request was answered by a door: {@code http}, {@code websocket}, {@code grpc}.
   *
   * @param trace the id of its trace, if that is kept; null for none
   */
  public void answered(String model, String door, int status, long nanos, @Nullable String trace) {
    ModelMeters mine = models.get(model);
    if (mine != null) {
      mine.tally.answered(status == 200, nanos);
      CounterDataPoint answered = status == 200 ? mine.answered.get(door) : null;
      if (answered == null) {
        answered = meters.requests.labelValues(model, door, Integer.toString(status));
      }
      answered.inc();
      RequestDurations.Series duration = mine.duration.get(door);
      if (duration == null) {
        duration = meters.duration.of(model, door);
      }
      duration.observe(nanos * NANO, trace);
    }
  }

  /** A request could not be read at a door: for want of memory, or because of what it says. */
  public void undecoded(String model, ProtocolException refusal) {
    refused(model, refusal.status() == 429 ? "bytes" : "invalid");
  }

  /**
   * Bytes were refused for want of memory: by {@code http}, {@code grpc} or {@code websocket}, on
   * the way to the {@code log}, or of an {@code answer}; see {@link
   * dev.nagare.streaming.ByteBudget}.
   */
  public void noMemory(String door) {
    meters.refusedBodies.labelValues(door, "memory").inc();
  }

  /**
   * An answer was refused because those of its connection take all that a connection may have; see
   * {@link dev.nagare.streaming.AnswerShare}.
   */
  public void overShare() {
    meters.refusedBodies.labelValues("answer", "share").inc();
  }

  /** So many connections more, or less, at a door. */
  public void connections(String door, int change) {
    connections.labelValues(door).inc(change);
  }

  /** A connection was closed as it came, since its door has as many as it may have. */
  public void refusedConnection(String door) {
    meters.refusedConnections.labelValues(door, "too-many").inc();
  }

  /** HTTP/2 connections may send so many bytes more, or less, before they are read. */
  public void windows(int change) {
    windows.inc(change);
  }

  /** An HTTP response was sent; the route is its pattern, not the path. */
  public void responded(String route, int status) {
    meters.responses.labelValues(route, Integer.toString(status)).inc();
  }

  /** A WebSocket was too slow for so many events. */
  public void missedEvents(String model, long count) {
    of(model).missedEvents.inc(count);
  }

  /** A WebSocket was opened (1) or closed (-1). */
  public void sockets(int change) {
    sockets.inc(change);
  }

  /** A call with a picture or a text begins (1) or ends (-1) to wait for a thread. */
  public void preparing(int change) {
    preparing.inc(change);
  }

  /** The page, UTF-8. */
  public synchronized byte[] page(Exposition form) {
    if (!jvmRegistered) {
      // Loads the management beans: at the first scrape rather than at the start.
      JvmMetrics.builder().register(registry);
      jvmRegistered = true;
    }
    return form.page(registry.scrape(), triton == null ? new MetricSnapshots() : triton.collect());
  }

  private ModelMeters of(String model) {
    return models.getOrDefault(model, others);
  }
}
