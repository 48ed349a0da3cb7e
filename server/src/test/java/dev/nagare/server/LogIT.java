package dev.nagare.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server writes about itself. */
class LogIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String REQUEST =
      "{\"id\":\"mine-7\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,3],"
          + "\"data\":[1,-2,3]}]}";

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  @Test
  void aLineOfARequestHasItsIdsAsFields() throws Exception {
    SmallModel.write(folder.resolve("models/small/3/model.onnx"));
    String yaml =
        """
        server: {port: 0, grpc-port: 0, metrics-port: 0}
        logging: {format: json, requests: 1}
        tracing: {exporter: otlp, endpoint: "http://127.0.0.1:9"}
        data: "%s"
        repository: "%s"
        """
            .formatted(folder.resolve("data"), folder.resolve("models"));
    try (var server = new ServerJvm(folder, yaml, Map.of())) {
      URI at = server.address();
      await().atMost(PATIENCE).until(() -> infer(at, "any") == 200);
      assertThat(infer(at, "00-" + TRACE + "-00f067aa0ba902b7-01")).isEqualTo(200);
      server.terminate();
      assertThat(server.exitCode()).isZero();

      for (String line : server.lines) {
        if (line.startsWith("WARNING: ")) {
          continue; // the JVM's own, of its flags
        }
        assertThat(json.readTree(line).isObject()).as(line).isTrue();
      }
      String line = server.lines.stream().filter(l -> l.contains(TRACE)).findFirst().orElse("{}");
      JsonNode fields = json.readTree(line);
      assertThat(fields.path("message").asText()).isEqualTo("Answered");
      assertThat(fields.path("level").asText()).isEqualTo("INFO");
      assertThat(fields.path("time").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
      assertThat(fields.path("door").asText()).isEqualTo("http");
      assertThat(fields.path("model").asText()).isEqualTo("small");
      assertThat(fields.path("version").asText()).isEqualTo("3");
      assertThat(fields.path("status").asInt()).isEqualTo(200);
      assertThat(fields.path("duration_ms").isNumber()).isTrue();
      assertThat(fields.path("request_id").asText()).isEqualTo("mine-7");
      assertThat(fields.path("trace_id").asText()).isEqualTo(TRACE);
    } finally {
      http.close();
    }
  }

  @Test
  void noSecretIsEverInIt() throws Exception {
    String token = "hush-token";
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8));
    Path tokens =
        Files.writeString(
            folder.resolve("tokens"), "me infer sha256:" + HexFormat.of().formatHex(hash) + "\n");
    SmallModel.write(folder.resolve("models/small/3/model.onnx"));
    String yaml =
        """
        server: {port: 0, grpc-port: 0, metrics-port: 0}
        logging: {format: json, requests: 1}
        auth: {tokens: "%s"}
        data: "%s"
        repository: "%s"
        kafka:
          properties:
            bootstrap.servers: "127.0.0.1:9"
            security.protocol: SASL_PLAINTEXT
            sasl.mechanism: PLAIN
            sasl.jaas.config: org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="hush-file";
        models: [{name: pulse, features: [load]}]
        """
            .formatted(tokens, folder.resolve("data"), folder.resolve("models"));
    Map<String, String> environment =
        Map.of(
            "NAGARE_AUTH_CONSOLE_TOKEN", "hush-console",
            "NAGARE_KAFKA_PROPERTIES_SSL_KEY_PASSWORD", "hush-key");
    try (var server = new ServerJvm(folder, yaml, environment)) {
      URI at = server.address();
      await().atMost(PATIENCE).until(() -> infer(at, "any", "Bearer " + token) == 200);
      assertThat(infer(at, "any", "Bearer hush-wrong")).isEqualTo(401);
      assertThat(infer(at, "any", "Basic aHVzaC1iYXNpYw==")).isEqualTo(401);
      var page = HttpRequest.newBuilder(at.resolve("/?token=hush-console")).build();
      assertThat(http.send(page, BodyHandlers.discarding()).statusCode()).isLessThan(400);
      server.terminate();
      assertThat(server.exitCode()).isZero();
      assertThat(server.lines).anyMatch(line -> line.contains("\"Answered\""));
      for (String secret : List.of("hush", "aHVzaC1iYXNpYw")) {
        assertThat(server.lines).noneMatch(line -> line.contains(secret));
      }
    } finally {
      http.close();
    }
  }

  private int infer(URI at, String traceparent, String... authorization)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(at.resolve("/v2/models/small/infer"))
            .header("traceparent", traceparent)
            .POST(BodyPublishers.ofString(REQUEST));
    for (String credentials : authorization) {
      request.header("Authorization", credentials);
    }
    return http.send(request.build(), BodyHandlers.discarding()).statusCode();
  }
}
