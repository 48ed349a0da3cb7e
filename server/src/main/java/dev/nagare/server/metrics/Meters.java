package dev.nagare.server.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;

/** The counters and histograms of the process, registered. */
final class Meters {
  // Serving takes tens of microseconds to tens of milliseconds; a default bucket starts at 5 ms.
  private static final double[] SECONDS = {
    50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 100e-3, 250e-3, 1, 5
  };

  // A pointer is read and a count is raised: tens of nanoseconds, unless something is wrong.
  private static final double[] INSTANTS = {
    100e-9, 250e-9, 500e-9, 1e-6, 2.5e-6, 5e-6, 10e-6, 25e-6, 50e-6, 100e-6, 1e-3
  };

  final Counter learned;
  final Counter deadLetters;
  final Counter guards;
  final Counter fenced;
  final Counter committed;
  final Counter publications;
  final Histogram publicationStall;
  final Counter labels;
  final Counter invalidLabels;
  final Counter unlabelled;
  final Gauge waiting;
  final Counter refused;
  final Counter refusedBodies;
  final Counter refusedConnections;
  final Counter missedEvents;
  final Counter requests;
  final Counter responses;
  final RequestDurations duration;
  final Histogram queue;
  final Histogram compute;
  final Histogram batchRows;
  final Gauge costOfWork;
  final Gauge costOfBatch;
  final Gauge mostWork;
  final Histogram step;
  final Histogram commit;
  final Histogram checkpoint;
  final Counter tried;
  final Histogram triedDuration;
  final Counter scored;
  final Counter compared;
  final Counter failedLoads;
  final Gauge memory;
  final Counter lookedUp;
  final Counter shared;

  Meters(PrometheusRegistry registry) {
    tried =
        counter(
            registry,
            "nagare_canary_requests_total",
            "Requests without a version, while a version is tried, by who had them or a copy.",
            "model",
            "slot",
            "outcome");
    triedDuration =
        histogram(
            registry,
            "nagare_canary_request_duration_seconds",
            "Time to the answer of such requests, waiting included.",
            SECONDS,
            "model",
            "slot");
    scored =
        counter(
            registry,
            "nagare_canary_labels_total",
            "Rows of such answers that got a label, by whether it was what was predicted.",
            "model",
            "slot",
            "outcome");
    compared =
        counter(
            registry,
            "nagare_shadow_rows_total",
            "Rows that a shadow classified as well, by whether it was the same class.",
            "model",
            "class");
    failedLoads =
        counter(
            registry,
            "nagare_failed_loads_total",
            "Versions that could not be loaded.",
            "model",
            "reason");
    memory =
        Gauge.builder()
            .name("nagare_model_memory_bytes")
            .help("What the versions of a model hold by plan: weights, and values of the lanes.")
            .labelNames("model")
            .register(registry);
    lookedUp =
        counter(
            registry,
            "nagare_cache_requests_total",
            "Requests to models that remember answers, by whether theirs was there.",
            "model",
            "outcome");
    shared =
        counter(
            registry,
            "nagare_shared_requests_total",
            "Requests that waited for the answer to another that asked the same.",
            "model");
    learned =
        counter(
            registry,
            "nagare_learned_examples_total",
            "Examples that a learner took a step on.",
            "model");
    deadLetters =
        counter(
            registry,
            "nagare_dead_letters_total",
            "Records that went to the dead-letter topic.",
            "model",
            "reason");
    guards =
        counter(registry, "nagare_guards_total", "Steps that a guard took back.", "model", "guard");
    fenced =
        counter(
            registry,
            "nagare_fenced_total",
            "Times that another process took over without being asked to.",
            "model");
    committed =
        counter(
            registry,
            "nagare_committed_records_total",
            "Predictions and dead letters in committed transactions.",
            "model");
    publications = counter(registry, "nagare_publications_total", "Versions published.", "model");
    publicationStall =
        histogram(
            registry,
            "nagare_publication_stall_seconds",
            "What a new version costs a lane that meets it: its lease, taken and given back.",
            INSTANTS,
            "model");
    labels =
        counter(
            registry,
            "nagare_labels_total",
            "Labels by what became of them, in committed transactions.",
            "model",
            "fate");
    invalidLabels =
        counter(
            registry,
            "nagare_invalid_labels_total",
            "Labels whose fate is invalid, by why.",
            "model",
            "reason");
    unlabelled =
        counter(
            registry,
            "nagare_unlabelled_predictions_total",
            "Recorded predictions that were forgotten without a label.",
            "model");
    waiting =
        Gauge.builder()
            .name("nagare_waiting_predictions")
            .help("Recorded predictions that wait for their label.")
            .labelNames("model")
            .register(registry);
    refused =
        counter(
            registry,
            "nagare_refused_requests_total",
            "Requests refused, or given up, before any work.",
            "model",
            "reason");
    refusedBodies =
        counter(
            registry,
            "nagare_refused_bodies_total",
            "Bodies, messages, records and answers refused because of their bytes.",
            "door",
            "reason");
    refusedConnections =
        counter(
            registry,
            "nagare_refused_connections_total",
            "Connections closed as they came.",
            "door",
            "reason");
    missedEvents =
        counter(
            registry,
            "nagare_stream_missed_events_total",
            "Learning events not sent to WebSockets that were too slow.",
            "model");
    requests =
        counter(
            registry,
            "nagare_requests_total",
            "Inference requests answered.",
            "model",
            "door",
            "code");
    responses =
        counter(registry, "nagare_http_responses_total", "HTTP responses.", "route", "code");
    duration =
        new RequestDurations(
            histogram(
                    "nagare_request_duration_seconds",
                    "From an inference request's last byte to its answer.",
                    SECONDS,
                    "model",
                    "door")
                .build(),
            SECONDS);
    registry.register(duration);
    queue =
        histogram(
            registry,
            "nagare_queue_duration_seconds",
            "From acceptance to a lane.",
            SECONDS,
            "model");
    compute =
        histogram(
            registry, "nagare_compute_duration_seconds", "A batch on a lane.", SECONDS, "model");
    step =
        histogram(
            registry,
            "nagare_learning_step_duration_seconds",
            "Scoring and learning a record.",
            SECONDS,
            "model");
    commit =
        histogram(
            registry,
            "nagare_commit_duration_seconds",
            "Committing a transaction of outputs.",
            SECONDS,
            "model");
    checkpoint =
        histogram(
            registry,
            "nagare_checkpoint_duration_seconds",
            "A checkpoint, from the image of the state to the registry.",
            SECONDS,
            "model");
    batchRows =
        Histogram.builder()
            .name("nagare_batch_rows")
            .help("Windows that a lane ran at once.")
            .labelNames("model")
            .classicOnly()
            .classicUpperBounds(1, 2, 4, 8, 16, 32, 64, 128, 256)
            .withoutExemplars()
            .register(registry);
    costOfWork =
        seconds(
            registry,
            "nagare_batch_cost_per_work_seconds",
            "What a row, or a token of a sequence, adds to a batch: learned while running.");
    costOfBatch =
        seconds(
            registry,
            "nagare_batch_cost_fixed_seconds",
            "What a batch costs however small it is: learned while running.");
    mostWork =
        Gauge.builder()
            .name("nagare_batch_work_limit")
            .help("Most rows, or tokens, of a batch with which the target is kept.")
            .labelNames("model")
            .register(registry);
  }

  private static Gauge seconds(PrometheusRegistry registry, String name, String help) {
    return Gauge.builder()
        .name(name)
        .help(help)
        .unit(Unit.SECONDS)
        .labelNames("model")
        .register(registry);
  }

  private static Counter counter(
      PrometheusRegistry registry, String name, String help, String... labels) {
    return Counter.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  private static Histogram histogram(
      PrometheusRegistry registry, String name, String help, double[] bounds, String... labels) {
    return histogram(name, help, bounds, labels).register(registry);
  }

  private static Histogram.Builder histogram(
      String name, String help, double[] bounds, String... labels) {
    return Histogram.builder()
        .name(name)
        .help(help)
        .unit(Unit.SECONDS)
        .labelNames(labels)
        .classicOnly()
        .classicUpperBounds(bounds)
        .withoutExemplars();
  }
}
