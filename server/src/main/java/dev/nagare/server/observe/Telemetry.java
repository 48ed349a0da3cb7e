package dev.nagare.server.observe;

import dev.nagare.server.config.TracingConfig;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * What sends spans to a collector, in the background; absent unless it is asked for, by the
 * start-up file or by {@code OTEL_TRACES_EXPORTER}. A collector that does not answer delays
 * nothing: spans are dropped.
 */
public final class Telemetry implements AutoCloseable {
  private static final long FLUSH_SECONDS = 2;

  private final @Nullable OpenTelemetrySdk sdk;
  private final Tracing tracing;

  private Telemetry(@Nullable OpenTelemetrySdk sdk) {
    this.sdk = sdk;
    this.tracing = sdk == null ? Tracing.off() : Tracing.of(sdk);
  }

  /**
   * Starts what the configuration asks for.
   *
   * @param environment of the process, of which {@code OTEL_*} wins over the file
   * @param version of this build
   * @throws IllegalStateException that says what is wrong with a setting
   */
  public static Telemetry start(
      TracingConfig config, Map<String, String> environment, String version) {
    if (!wanted(config, environment)) {
      return new Telemetry(null);
    }
    if (!SLF4JBridgeHandler.isInstalled()) { // what the SDK logs by belongs in the log
      SLF4JBridgeHandler.removeHandlersForRootLogger();
      SLF4JBridgeHandler.install();
    }
    var properties = new HashMap<String, String>();
    properties.put("otel.service.name", "nagare");
    properties.put("otel.resource.attributes", "service.version=" + version);
    properties.put("otel.traces.exporter", "otlp");
    properties.put("otel.exporter.otlp.protocol", "http/protobuf");
    properties.put("otel.exporter.otlp.endpoint", config.endpoint());
    properties.put("otel.traces.sampler", "parentbased_traceidratio");
    properties.put("otel.traces.sampler.arg", Double.toString(config.sampled()));
    environment.forEach(
        (name, value) -> {
          if (name.startsWith("OTEL_")) {
            properties.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
          }
        });
    // Metrics are at /metrics, the log is on the standard output.
    properties.put("otel.metrics.exporter", "none");
    properties.put("otel.logs.exporter", "none");
    try {
      return new Telemetry(
          AutoConfiguredOpenTelemetrySdk.builder()
              .disableShutdownHook()
              .addPropertiesCustomizer(ignored -> properties)
              .build()
              .getOpenTelemetrySdk());
    } catch (ConfigurationException | IllegalStateException e) {
      throw new IllegalStateException("tracing: " + e.getMessage(), e);
    }
  }

  private static boolean wanted(TracingConfig config, Map<String, String> environment) {
    if (Boolean.parseBoolean(environment.getOrDefault("OTEL_SDK_DISABLED", "false"))) {
      return false;
    }
    String exporter = environment.getOrDefault("OTEL_TRACES_EXPORTER", "");
    return exporter.isBlank()
        ? config.exporter() == TracingConfig.Exporter.OTLP
        : !exporter.strip().equals("none");
  }

  /** Makes the spans. */
  public Tracing tracing() {
    return tracing;
  }

  /** Sends what is left, for a while, and stops. */
  @Override
  public void close() {
    if (sdk != null) {
      var _ = sdk.shutdown().join(FLUSH_SECONDS, TimeUnit.SECONDS);
    }
  }
}
