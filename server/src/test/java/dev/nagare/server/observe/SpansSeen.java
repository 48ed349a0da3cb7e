package dev.nagare.server.observe;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Spans that end up in memory. */
public final class SpansSeen implements AutoCloseable {
  /** A caller's trace. */
  public static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

  /** The caller's own span. */
  public static final String CALLER = "00f067aa0ba902b7";

  /** What such a caller sends as {@code traceparent}. */
  public static final String SAMPLED = "00-" + TRACE + "-" + CALLER + "-01";

  /** What a caller sends whose trace nobody keeps. */
  public static final String NOT_SAMPLED = "00-" + TRACE + "-" + CALLER + "-00";

  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                  .build())
          .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
          .build();

  /** Makes the spans. */
  public Tracing tracing() {
    return Tracing.of(sdk);
  }

  /** All that have ended. */
  public List<SpanData> all() {
    return exporter.getFinishedSpanItems();
  }

  /** Whether one of that name has ended. */
  public boolean has(String name) {
    return all().stream().anyMatch(span -> span.getName().equals(name));
  }

  /** The only one of that name. */
  public SpanData only(String name) {
    List<SpanData> found = all().stream().filter(span -> span.getName().equals(name)).toList();
    if (found.size() != 1) {
      throw new AssertionError("expected one span '" + name + "', got " + all());
    }
    return found.getFirst();
  }

  /** An attribute as text; null if it is not there. */
  public static @Nullable String attribute(SpanData span, String key) {
    String text = span.getAttributes().get(AttributeKey.stringKey(key));
    if (text != null) {
      return text;
    }
    Long number = span.getAttributes().get(AttributeKey.longKey(key));
    return number == null ? null : number.toString();
  }

  @Override
  public void close() {
    sdk.close();
  }
}
