package dev.nagare.server.metrics;

import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricFamilyDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * How long requests took, by model and door, with the last traced request of each bucket as its
 * exemplar.
 *
 * <p>The library's own exemplars are looked for at every observation, traced or not, and are taken
 * once in a while. Here only a traced request makes one, and that of the slowest bucket, which is
 * hit seldom, is never missed.
 */
final class RequestDurations implements Collector {
  private final Histogram histogram;
  private final double[] bounds;
  private final Map<Labels, Series> all = new ConcurrentHashMap<>();

  /**
   * Of a histogram that is not registered.
   *
   * @param histogram with the labels {@code model} and {@code door}
   * @param bounds of its buckets, but for the last one
   */
  RequestDurations(Histogram histogram, double[] bounds) {
    this.histogram = histogram;
    this.bounds = bounds;
  }

  /** Those of a model at a door. */
  Series of(String model, String door) {
    return all.computeIfAbsent(
        Labels.of("model", model, "door", door),
        labels -> new Series(histogram.labelValues(model, door)));
  }

  /** The requests of one model at one door. Safe for any thread. */
  final class Series {
    private final DistributionDataPoint counts;
    private final AtomicReferenceArray<Exemplar> last =
        new AtomicReferenceArray<>(bounds.length + 1);

    private Series(DistributionDataPoint counts) {
      this.counts = counts;
    }

    /**
     * A request took so long.
     *
     * @param trace its id, if the trace is kept; null for none
     */
    void observe(double seconds, @Nullable String trace) {
      counts.observe(seconds);
      if (trace != null) {
        last.set(bucket(seconds), exemplar(seconds, trace));
      }
    }

    private int bucket(double seconds) {
      int bucket = 0;
      while (bucket < bounds.length && seconds > bounds[bucket]) {
        bucket++;
      }
      return bucket;
    }

    private static Exemplar exemplar(double seconds, String trace) {
      return new Exemplar(seconds, Labels.of(Exemplar.TRACE_ID, trace), System.currentTimeMillis());
    }

    private Exemplars exemplars() {
      List<Exemplar> known = new ArrayList<>();
      for (int i = 0; i < last.length(); i++) {
        Exemplar exemplar = last.get(i);
        if (exemplar != null) {
          known.add(exemplar);
        }
      }
      return Exemplars.of(known);
    }
  }

  @Override
  public MetricFamilyDescriptor getMetricFamilyDescriptor() {
    return histogram.getMetricFamilyDescriptor();
  }

  @Override
  public HistogramSnapshot collect() {
    HistogramSnapshot plain = histogram.collect();
    return new HistogramSnapshot(
        plain.getMetadata(), plain.getDataPoints().stream().map(this::withExemplars).toList());
  }

  private HistogramDataPointSnapshot withExemplars(HistogramDataPointSnapshot point) {
    Series series = all.get(point.getLabels());
    return series == null
        ? point
        : new HistogramDataPointSnapshot(
            point.getClassicBuckets(),
            point.getSum(),
            point.getLabels(),
            series.exemplars(),
            point.getCreatedTimestampMillis());
  }
}
