package dev.nagare.server.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Stream;

/** The form in which a page of metrics is written. Safe for any thread. */
public enum Exposition {
  /** The text format of Prometheus, 0.0.4, which every scraper reads. */
  TEXT,
  /** OpenMetrics 1.0, which has exemplars. A counter without {@code _total} is unknown there. */
  OPEN_METRICS;

  /** Media type of the page. */
  public String contentType() {
    return writer().getContentType();
  }

  /**
   * A page, UTF-8.
   *
   * @param own metrics
   * @param triton the same by {@link TritonNames}; none if nobody asked for them
   */
  byte[] page(MetricSnapshots own, MetricSnapshots triton) {
    return switch (this) {
      case TEXT -> {
        ByteArrayOutputStream page = written(own);
        String counters = written(triton).toString(UTF_8).replace(" untyped\n", " counter\n");
        page.writeBytes(counters.getBytes(UTF_8));
        yield page.toByteArray();
      }
      case OPEN_METRICS -> { // one page, since it has an end
        var all = new MetricSnapshots(Stream.concat(own.stream(), triton.stream()).toList());
        yield written(all).toByteArray();
      }
    };
  }

  private ByteArrayOutputStream written(MetricSnapshots snapshots) {
    var bytes = new ByteArrayOutputStream(1 << 15);
    try {
      writer().write(bytes, snapshots);
    } catch (IOException e) {
      throw new UncheckedIOException("metrics: page cannot be written", e);
    }
    return bytes;
  }

  private ExpositionFormatWriter writer() {
    return switch (this) {
      case TEXT -> PrometheusTextFormatWriter.create();
      case OPEN_METRICS -> OpenMetricsTextFormatWriter.create();
    };
  }
}
