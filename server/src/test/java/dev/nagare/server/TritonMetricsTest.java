package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.config.NagareConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Triton's names, from a start-up file to a scrape. */
class TritonMetricsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TWO_ROWS =
      "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[2,3],"
          + "\"data\":[1,-2,3,4,5,6]}]}";
  private static final String SMALL = "{model=\"small\",version=\"all\"} ";

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  @Test
  void aServerThatIsToldToHasThem() throws Exception {
    SmallModel.write(folder.resolve("models/small/1/model.onnx"));
    Path file = folder.resolve("nagare.yaml");
    Files.writeString(
        file,
        """
        server: {port: 0, grpc-port: 0, metrics-port: 0, triton-metrics: true}
        data: "%s"
        repository: "%s"
        """
            .formatted(folder.resolve("data"), folder.resolve("models")));
    try (http;
        Server server = Server.start(NagareConfig.read(file, Map.of()))) {
      URI model = URI.create("http://127.0.0.1:" + server.port() + "/v2/models/small/");
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  http.send(
                              HttpRequest.newBuilder(model.resolve("ready")).build(),
                              BodyHandlers.discarding())
                          .statusCode()
                      == 200);
      HttpRequest asked =
          HttpRequest.newBuilder(model.resolve("infer"))
              .POST(BodyPublishers.ofString(TWO_ROWS))
              .build();
      assertThat(http.send(asked, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
      URI page = URI.create("http://127.0.0.1:" + server.metricsPort() + "/metrics");
      await()
          .atMost(PATIENCE)
          .untilAsserted( // counted a moment after the answer has left
              () ->
                  assertThat(
                          http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
                              .body()
                              .lines())
                      .contains(
                          "nv_inference_request_success" + SMALL + "1.0",
                          "nv_inference_count" + SMALL + "2.0",
                          "nv_inference_exec_count" + SMALL + "1.0",
                          "nv_inference_pending_request_count" + SMALL + "0.0"));
    }
  }
}
