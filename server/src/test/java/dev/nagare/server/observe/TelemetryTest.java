package dev.nagare.server.observe;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.nagare.server.Server;
import dev.nagare.server.SmallModel;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.server.config.TracingConfig;
import dev.nagare.server.config.TracingConfig.Exporter;
import io.vertx.core.MultiMap;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a start-up file to a collector. */
class TelemetryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String ONE_ROW =
      "{\"id\":\"one\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,3],"
          + "\"data\":[1,-2,3]}]}";

  private final List<String> sent = new CopyOnWriteArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;
  private HttpServer collector;

  @BeforeEach
  void listen() throws IOException {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        call -> {
          byte[] body = call.getRequestBody().readAllBytes();
          if ("gzip".equals(call.getRequestHeaders().getFirst("Content-Encoding"))) {
            body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
          }
          sent.add(call.getRequestHeaders().getFirst("Content-Type") + "\n" + text(body));
          call.sendResponseHeaders(200, -1);
          call.close();
        });
    collector.start();
  }

  @AfterEach
  void stop() {
    collector.stop(0);
    http.close();
  }

  @Test
  void aServerSendsTheSpansOfWhatItAnsweredBeforeItEnds() throws Exception {
    SmallModel.write(folder.resolve("models/small/1/model.onnx"));
    Path file = folder.resolve("nagare.yaml");
    Files.writeString(
        file,
        """
        server: {port: 0, grpc-port: 0, metrics-port: 0}
        tracing: {exporter: otlp, endpoint: "%s"}
        data: "%s"
        repository: "%s"
        """
            .formatted(endpoint(), folder.resolve("data"), folder.resolve("models")));
    try (Server server = Server.start(NagareConfig.read(file, Map.of()))) {
      URI at = URI.create("http://127.0.0.1:" + server.port());
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  http.send(
                              HttpRequest.newBuilder(at.resolve("/v2/health/ready")).build(),
                              BodyHandlers.discarding())
                          .statusCode()
                      == 200);
      var request =
          HttpRequest.newBuilder(at.resolve("/v2/models/small/infer"))
              .header("traceparent", SpansSeen.SAMPLED)
              .POST(BodyPublishers.ofString(ONE_ROW))
              .build();
      assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
    String all = String.join("\n", sent);
    assertThat(all)
        .startsWith("application/x-protobuf")
        .contains("service.name", "nagare", "service.version")
        .contains("POST /v2/models/{model}/infer", "queue", "batch", "compute", "small", "one")
        .doesNotContain("health");
  }

  @Test
  void theVariablesOfOpenTelemetryWin() {
    var file = new TracingConfig(Exporter.NONE, "http://127.0.0.1:1", 1);
    var environment =
        Map.of(
            "OTEL_TRACES_EXPORTER", "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT", endpoint(),
            "OTEL_SERVICE_NAME", "door-seven");
    try (Telemetry telemetry = Telemetry.start(file, environment, "1")) {
      Trace trace = traced(telemetry);
      assertThat(trace).isNotNull();
    }
    assertThat(String.join("\n", sent)).contains("door-seven").doesNotContain("compute");
  }

  @Test
  void itIsOffUnlessAskedForAndWhereItIsDisabled() {
    var asked = new TracingConfig(Exporter.OTLP, endpoint(), 1);
    var unasked = new TracingConfig(Exporter.NONE, endpoint(), 1);
    assertThat(Telemetry.start(unasked, Map.of(), "1").tracing().follows()).isFalse();
    assertThat(Telemetry.start(asked, Map.of("OTEL_SDK_DISABLED", "true"), "1").tracing().follows())
        .isFalse();
    assertThat(
            Telemetry.start(asked, Map.of("OTEL_TRACES_EXPORTER", "none"), "1").tracing().follows())
        .isFalse();
  }

  @Test
  void aSampledPartIsThatOfTheFile() {
    try (Telemetry none =
        Telemetry.start(new TracingConfig(Exporter.OTLP, endpoint(), 0), Map.of(), "1")) {
      assertThat(traced(none)).isNull();
    }
  }

  @Test
  void aSettingThatCannotBeIsNamed() {
    var config = new TracingConfig(Exporter.OTLP, endpoint(), 1);
    assertThatThrownBy(() -> Telemetry.start(config, Map.of("OTEL_TRACES_EXPORTER", "pigeon"), "1"))
        .hasMessageStartingWith("tracing: ")
        .hasMessageContaining("pigeon");
    assertThatThrownBy(
            () -> Telemetry.start(config, Map.of("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), "1"))
        .hasMessageStartingWith("tracing: ");
  }

  private static @Nullable Trace traced(Telemetry telemetry) {
    Trace trace =
        telemetry
            .tracing()
            .socket(
                MultiMap.caseInsensitiveMultiMap(),
                "infer",
                "/v2/stream",
                "small",
                System.nanoTime());
    if (trace != null) {
      trace.answered(200, null);
    }
    return trace;
  }

  private String endpoint() {
    return "http://127.0.0.1:" + collector.getAddress().getPort();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }
}
