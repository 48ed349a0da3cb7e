package dev.nagare.server.config;

/**
 * Where spans go. The variables {@code OTEL_*} of OpenTelemetry win over what is said here.
 *
 * @param exporter what sends them
 * @param endpoint of the collector, an address of OTLP over HTTP
 * @param sampled part of the requests whose callers have not decided, from 0 to 1
 */
public record TracingConfig(Exporter exporter, String endpoint, double sampled) {
  private static final Key EXPORTER =
      Key.of(
          "exporter",
          "`none`: no spans, at no cost; `otlp`: to an OpenTelemetry collector. `OTEL_TRACES_EXPORTER`"
              + " wins");
  private static final Key ENDPOINT =
      Key.of(
          "endpoint",
          "the collector, OTLP as protobuf over HTTP; `OTEL_EXPORTER_OTLP_ENDPOINT` wins");
  private static final Key SAMPLED =
      Key.of(
              "sampled",
              "part of the requests that are traced, of those whose `traceparent` does not decide it:"
                  + " detail against load; `OTEL_TRACES_SAMPLER` wins")
          .within("a number from 0 to 1");

  /** What sends spans. */
  public enum Exporter {
    NONE,
    OTLP
  }

  static TracingConfig read(Section in) {
    Exporter exporter = in.choice(EXPORTER, Exporter.NONE);
    String endpoint =
        in.matching(
            ENDPOINT, "http://127.0.0.1:4318", "an address of http or https", "https?://\\S+");
    double sampled = in.decimal(SAMPLED, 1, 0, true);
    if (sampled > 1) {
      in.fault(SAMPLED, "expected a number from 0 to 1, got " + sampled);
    }
    in.end();
    return new TracingConfig(exporter, endpoint, Math.min(sampled, 1));
  }
}
