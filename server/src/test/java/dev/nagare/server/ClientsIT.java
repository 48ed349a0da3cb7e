package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nagare.server.config.NagareConfig;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/clients against a real server and broker, with tokens. */
class ClientsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path CLIENTS = Path.of("..", "docs", "clients");

  @TempDir static Path folder;
  private static BrokerJvm broker;
  private static Server server;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    broker = BrokerJvm.start(folder.resolve("broker"));
    token = "a-token-of-a-test";
    Path tokens =
        Files.writeString(
            folder.resolve("tokens"), "client infer,learn sha256:" + sha256(token) + "\n");
    Path file =
        Files.writeString(
            folder.resolve("nagare.yaml"),
            """
            server: {port: 0, metrics-port: 0, grpc-port: 0}
            auth: {tokens: %s}
            data: %s
            kafka: {topics: create, instance: one, properties: {bootstrap.servers: "%s"}}
            models:
              - name: price
                features: [price, demand]
                task: classify
                capture: sync
                examples: joined
                learner: {window: 3, hidden: 4, batch: 1}
            """
                .formatted(tokens, folder.resolve("data"), broker.bootstrapServers()));
    server = Server.start(NagareConfig.read(file, Map.of()));
    try (HttpClient client = HttpClient.newHttpClient()) {
      var status =
          HttpRequest.newBuilder(URI.create(url() + "/v2/models/price/status"))
              .header("Authorization", "Bearer " + token)
              .build();
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  client
                      .send(status, BodyHandlers.ofString())
                      .body()
                      .contains("\"learning\":true"));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
    broker.close();
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String url() {
    return "http://127.0.0.1:" + server.port();
  }

  private static void learns(String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of(url(), "price"));
    var builder = new ProcessBuilder(words).directory(CLIENTS.toFile()).redirectErrorStream(true);
    builder.environment().put("NAGARE_TOKEN", token);
    Path output = folder.resolve("output");
    Process process = builder.redirectOutput(output.toFile()).start();
    boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    process.destroyForcibly();
    String said = Files.readString(output);
    assertThat(ended).as(said).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said)
        .contains("prediction_id")
        .contains("price.labels-0-")
        .containsPattern("version \\d+ became \\d+");
  }

  private static void assumeThere(String program) {
    boolean there =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    assumeTrue(there, "not here: " + program);
  }

  @Test
  void curlPredictsLabelsAndSeesTheVersionMove() throws Exception {
    assumeThere("curl");
    learns("sh", "predict-and-label.sh");
  }

  @Test
  void pythonPredictsLabelsAndSeesTheVersionMove() throws Exception {
    assumeThere("python3");
    learns("python3", "predict_and_label.py");
  }

  @Test
  void javaPredictsLabelsAndSeesTheVersionMove() throws Exception {
    learns(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "PredictAndLabel.java");
  }
}
