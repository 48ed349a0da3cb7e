package dev.nagare.server.metrics;

import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.ModelService;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * What models did, by the names, in the units and with the labels of Triton's metrics, so that
 * dashboards and scaling rules made for those go on. Nothing is counted for it: all is read, when
 * somebody scrapes, from what is counted anyway.
 *
 * <p>Triton's sums are counters whose names have no {@code _total}. A {@link CounterSnapshot}
 * cannot be that, so they are snapshots of no known type, which {@link Exposition} calls what the
 * format can.
 *
 * @see <a
 *     href="https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html">Triton's
 *     own list</a>
 */
final class TritonNames {
  /** Versions may change many times a second, and what was counted is of all of them. */
  private static final String VERSION = "all";

  private static final int OK = 200;

  private static final List<Sum> SUMS =
      List.of(
          new Sum("request_success", "Requests answered.", tally -> tally.succeeded().count()),
          new Sum("count", "Rows answered.", Tally::rows),
          new Sum("exec_count", "Batches run.", Tally::batches),
          new Sum(
              "request_duration_us",
              "Time of the requests answered, from the last byte of each to its answer.",
              tally -> micros(tally.succeeded())),
          new Sum(
              "queue_duration_us",
              "Time that requests waited for a lane.",
              tally -> micros(tally.queued())),
          new Sum(
              "compute_infer_duration_us",
              "Time of the batches, once for each of their requests, copying included.",
              tally -> micros(tally.computed())),
          new Sum("compute_input_duration_us", "Always 0: part of computing.", tally -> 0),
          new Sum("compute_output_duration_us", "Always 0: part of computing.", tally -> 0));

  private final Map<String, ModelMeters> models;
  private final Counter answers;
  private final Serving serving;

  /** A sum that a tally has. */
  private record Sum(String name, String help, ToLongFunction<Tally> of) {}

  /** Why a request failed, in Triton's words. */
  enum Reason {
    /** Was not let in, or waited too long. */
    REJECTED,
    CANCELED,
    /** The model could not. */
    BACKEND,
    OTHER;

    /** Of a status, as HTTP has it. */
    static Reason of(int status) {
      return switch (status) {
        case 429, 503, 504 -> REJECTED;
        case 499 -> CANCELED;
        case 500 -> BACKEND;
        default -> OTHER;
      };
    }
  }

  /**
   * Of these models.
   *
   * @param models by name, and what they did
   * @param answers by name, door and code
   * @param serving knows who waits
   */
  TritonNames(Map<String, ModelMeters> models, Counter answers, Serving serving) {
    this.models = models;
    this.answers = answers;
    this.serving = serving;
  }

  /** All of them, as they are now. */
  MetricSnapshots collect() {
    List<MetricSnapshot> all = new ArrayList<>();
    SUMS.forEach(sum -> all.add(collect(sum)));
    all.add(failures());
    all.add(waiting());
    return new MetricSnapshots(all);
  }

  private MetricSnapshot collect(Sum sum) {
    var family = UnknownSnapshot.builder().name(name(sum.name)).help(sum.help);
    models.forEach(
        (model, meters) ->
            family.dataPoint(point(labels(model), sum.of.applyAsLong(meters.tally))));
    return family.build();
  }

  private MetricSnapshot failures() {
    Map<Labels, Long> failed = new HashMap<>();
    for (String model : models.keySet()) {
      for (Reason reason : Reason.values()) {
        failed.put(labels(model, reason), 0L);
      }
    }
    for (CounterDataPointSnapshot answer : answers.collect().getDataPoints()) {
      int status = Integer.parseInt(answer.getLabels().get("code"));
      if (status != OK) {
        Labels labels = labels(answer.getLabels().get("model"), Reason.of(status));
        failed.merge(labels, (long) answer.getValue(), Long::sum);
      }
    }
    var family =
        UnknownSnapshot.builder()
            .name(name("request_failure"))
            .help("Requests refused, given up or failed, by why.");
    failed.forEach((labels, count) -> family.dataPoint(point(labels, count)));
    return family.build();
  }

  private MetricSnapshot waiting() {
    var family =
        GaugeSnapshot.builder()
            .name(name("pending_request_count"))
            .help("Requests that wait for a lane now.");
    for (ModelService model : serving.models()) {
      family.dataPoint(
          GaugeDataPointSnapshot.builder()
              .labels(labels(model.name()))
              .value(model.waiting())
              .build());
    }
    return family.build();
  }

  private static String name(String end) {
    return "nv_inference_" + end;
  }

  private static Labels labels(String model) {
    return Labels.of("model", model, "version", VERSION);
  }

  private static Labels labels(String model, Reason reason) {
    return labels(model).add("reason", reason.name());
  }

  private static UnknownDataPointSnapshot point(Labels labels, long value) {
    return UnknownDataPointSnapshot.builder().labels(labels).value((double) value).build();
  }

  private static long micros(Tally.Sum sum) {
    return TimeUnit.NANOSECONDS.toMicros(sum.nanos());
  }
}
