package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals to the program as it runs. */
class StopIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void theFirstSignalDrainsAndTheSecondEndsAtOnce() throws Exception {
    try (var server = serve("drain: {delay-seconds: 3600}");
        HttpClient http = HttpClient.newHttpClient()) {
      URI at = server.address();
      await().atMost(PATIENCE).until(() -> status(http, at, "/v2/health/ready") == 200);
      server.terminate();
      await().atMost(PATIENCE).until(() -> status(http, at, "/v2/health/ready") == 503);
      assertThat(status(http, at, "/v2/health/live")).isEqualTo(200);
      assertThat(status(http, at, "/v2/models/pulse")).isEqualTo(200);
      assertThat(server.isAlive()).isTrue();
      server.terminate();
      assertThat(server.exitCode()).isEqualTo(128 + 15);
    }
  }

  @Test
  void aDrainedServerHasNotFailed() throws Exception {
    try (var server = serve("drain: {delay-seconds: 1}")) {
      assertThat(server.address()).hasScheme("http");
      server.terminate();
      assertThat(server.exitCode()).isZero();
    }
  }

  private ServerJvm serve(String drain) throws IOException {
    return new ServerJvm(
        folder,
        """
        server: {port: 0, grpc-port: 0, metrics-port: 0}
        %s
        data: "%s"
        models: [{name: pulse, features: [load]}]
        """
            .formatted(drain, folder.resolve("data")),
        Map.of());
  }

  private static int status(HttpClient http, URI at, String path)
      throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(at.resolve(path)).build(), BodyHandlers.discarding())
        .statusCode();
  }
}
