package dev.nagare.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.config.NagareConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose label counts, by HTTP against a real broker: two principals, and one who may label any. */
class LabelOwnersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String QUESTION =
      "{\"inputs\":[{\"name\":\"window\",\"datatype\":\"FP32\",\"shape\":[1,3,3],"
          + "\"data\":[0.1,7,-1, 0.2,6,-1, 0.4,5,-1]}]}";

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private @Nullable Server server;

  @Test
  void aLabelCountsFromWhoAskedForThePredictionOrMayLabelAny() throws Exception {
    try (var broker = BrokerJvm.start(folder.resolve("broker"));
        Server started = Server.start(config(broker))) {
      server = started;
      await().atMost(PATIENCE).until(() -> status().get("learning").asBoolean());
      String ofAnn = ask("ann");
      String ofBob = ask("bob");
      label("ann", ofBob, 200);
      metric("nagare_invalid_labels_total{model=\"late\",reason=\"owner\"} 1.0");
      label("bob", ofBob, 200);
      metric("nagare_labels_total{fate=\"joined\",model=\"late\"} 1.0");
      label("teacher", ofAnn, 200);
      metric("nagare_labels_total{fate=\"joined\",model=\"late\"} 2.0");
      metric("nagare_labels_total{fate=\"invalid\",model=\"late\"} 1.0");
      label("asker", ofAnn, 403); // the scope that gives labels at all
    } finally {
      client.close();
    }
  }

  private String ask(String who) throws Exception {
    return post(who, "infer", QUESTION, 200).get("parameters").get("prediction_id").asText();
  }

  private void label(String who, String id, int status) throws Exception {
    var _ = post(who, "labels", "{\"id\":\"" + id + "\",\"label\":1}", status);
  }

  private JsonNode post(String who, String path, String body, int status) throws Exception {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(uri(path))
                .header("Authorization", "Bearer secret-of-" + who)
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return JSON.readTree(answer.body());
  }

  private JsonNode status() throws Exception {
    return JSON.readTree(
        client
            .send(
                HttpRequest.newBuilder(uri("status"))
                    .header("Authorization", "Bearer secret-of-ann")
                    .build(),
                BodyHandlers.ofString())
            .body());
  }

  private void metric(String line) {
    var uri = URI.create("http://127.0.0.1:" + running().metricsPort() + "/metrics");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        client
                            .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                            .body()
                            .lines()
                            .filter(each -> each.startsWith("nagare_") && each.contains("labels_")))
                    .contains(line));
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + running().port() + "/v2/models/late/" + path);
  }

  private Server running() {
    return java.util.Objects.requireNonNull(server);
  }

  private NagareConfig config(BrokerJvm broker) throws Exception {
    Path tokens =
        Files.writeString(
            folder.resolve("tokens"),
            line("ann", "infer,learn")
                + line("bob", "infer,learn")
                + line("asker", "infer")
                + line("teacher", "learn,label:any"));
    Path file = folder.resolve("nagare.yaml");
    Files.writeString(
        file,
        """
        server: {port: 0, grpc-port: 0, metrics-port: 0}
        auth: {tokens: %s}
        data: %s
        kafka: {topics: create, instance: one, properties: {bootstrap.servers: "%s"}}
        models:
          - name: late
            features: [price, demand]
            task: classify
            capture: sync
            examples: joined
            learner: {window: 3, hidden: 4, batch: 1}
        """
            .formatted(tokens, folder.resolve("data"), broker.bootstrapServers()));
    return NagareConfig.read(file, Map.of());
  }

  private static String line(String who, String scopes) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(("secret-of-" + who).getBytes(UTF_8));
    return who + " " + scopes + " sha256:" + HexFormat.of().formatHex(hash) + "\n";
  }
}
