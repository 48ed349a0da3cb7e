package dev.nagare.server.metrics;

import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.Refusal;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One model's label children, resolved once: the hot path looks nothing up and allocates nothing.
 */
final class ModelMeters {
  final CounterDataPoint learned;
  final Map<Refusal, CounterDataPoint> deadLetters = new EnumMap<>(Refusal.class);
  final CounterDataPoint fenced;
  final CounterDataPoint committed;
  final CounterDataPoint publications;
  final CounterDataPoint missedEvents;
  final Map<String, CounterDataPoint> refused;
  final CounterDataPoint refusedOtherwise;
  final DistributionDataPoint queue;
  final DistributionDataPoint compute;
  final DistributionDataPoint batchRows;
  final DistributionDataPoint step;
  final DistributionDataPoint commit;
  final DistributionDataPoint checkpoint;
  volatile @Nullable LearningEvent last;

  ModelMeters(Meters meters, String model) {
    learned = meters.learned.labelValues(model);
    for (Refusal refusal : Refusal.values()) {
      deadLetters.put(refusal, meters.deadLetters.labelValues(model, refusal.label()));
    }
    fenced = meters.fenced.labelValues(model);
    committed = meters.committed.labelValues(model);
    publications = meters.publications.labelValues(model);
    missedEvents = meters.missedEvents.labelValues(model);
    refused =
        Map.of(
            "queue-full", meters.refused.labelValues(model, "queue-full"),
            "invalid", meters.refused.labelValues(model, "invalid"),
            "not-ready", meters.refused.labelValues(model, "not-ready"));
    refusedOtherwise = meters.refused.labelValues(model, "other");
    queue = meters.queue.labelValues(model);
    compute = meters.compute.labelValues(model);
    batchRows = meters.batchRows.labelValues(model);
    step = meters.step.labelValues(model);
    commit = meters.commit.labelValues(model);
    checkpoint = meters.checkpoint.labelValues(model);
  }
}
