package dev.nagare.server.metrics;

import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.Refusal;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One model's label children, resolved once: the hot path looks nothing up and allocates nothing.
 */
final class ModelMeters {
  private static final List<String> DOORS = List.of("http", "websocket", "grpc");
  private static final List<String> REASONS =
      List.of(
          "queue-full",
          "bytes",
          "deadline-at-door",
          "over-target",
          "deadline-passed",
          "cancelled",
          "invalid",
          "not-ready",
          "processing-full");

  final CounterDataPoint learned;
  final Map<Refusal, CounterDataPoint> deadLetters = new EnumMap<>(Refusal.class);
  final CounterDataPoint fenced;
  final CounterDataPoint committed;
  final CounterDataPoint publications;
  final DistributionDataPoint publicationStall;
  final CounterDataPoint missedEvents;
  final Map<String, CounterDataPoint> refused;
  final CounterDataPoint refusedOtherwise;
  final CounterDataPoint known;
  final CounterDataPoint unknown;
  final CounterDataPoint shared;
  final DistributionDataPoint queue;
  final DistributionDataPoint compute;
  final DistributionDataPoint batchRows;
  final Map<String, CounterDataPoint> answered;
  final Map<String, RequestDurations.Series> duration;
  final GaugeDataPoint costOfWork;
  final GaugeDataPoint costOfBatch;
  final GaugeDataPoint mostWork;
  final DistributionDataPoint step;
  final DistributionDataPoint commit;
  final DistributionDataPoint checkpoint;
  final Tally tally = new Tally();
  volatile @Nullable LearningEvent last;

  ModelMeters(Meters meters, String model) {
    learned = meters.learned.labelValues(model);
    for (Refusal refusal : Refusal.values()) {
      deadLetters.put(refusal, meters.deadLetters.labelValues(model, refusal.label()));
    }
    fenced = meters.fenced.labelValues(model);
    committed = meters.committed.labelValues(model);
    publications = meters.publications.labelValues(model);
    publicationStall = meters.publicationStall.labelValues(model);
    missedEvents = meters.missedEvents.labelValues(model);
    refused =
        REASONS.stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    reason -> reason, reason -> meters.refused.labelValues(model, reason)));
    refusedOtherwise = meters.refused.labelValues(model, "other");
    known = meters.lookedUp.labelValues(model, "hit");
    unknown = meters.lookedUp.labelValues(model, "miss");
    shared = meters.shared.labelValues(model);
    queue = meters.queue.labelValues(model);
    compute = meters.compute.labelValues(model);
    batchRows = meters.batchRows.labelValues(model);
    answered = byDoor(door -> meters.requests.labelValues(model, door, "200"));
    duration = byDoor(door -> meters.duration.of(model, door));
    costOfWork = meters.costOfWork.labelValues(model);
    costOfBatch = meters.costOfBatch.labelValues(model);
    mostWork = meters.mostWork.labelValues(model);
    step = meters.step.labelValues(model);
    commit = meters.commit.labelValues(model);
    checkpoint = meters.checkpoint.labelValues(model);
  }

  private static <T> Map<String, T> byDoor(Function<String, T> child) {
    return DOORS.stream().collect(Collectors.toUnmodifiableMap(door -> door, child));
  }
}
