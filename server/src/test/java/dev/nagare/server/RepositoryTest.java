package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.tensor.kernel.KernelProviders;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of a folder, asked over HTTP. */
class RepositoryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String ONE_ROW =
      """
      {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, -2, 3]}]}
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  @Test
  void aModelOfTheFolderAnswersAndOneThatIsDamagedSaysWhy() throws Exception {
    Path models = folder.resolve("models");
    SmallModel.write(models.resolve("small/2/model.onnx"));
    Files.createDirectories(models.resolve("damaged/1"));
    Files.writeString(models.resolve("damaged/1/model.onnx"), "not what it says");
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        "server: {port: 0, grpc-port: 0, metrics-port: 0}\ndata: \"%s\"\nrepository: \"%s\"\n"
            .formatted(folder.resolve("data"), models));
    try (Server server = Server.start(NagareConfig.read(config, Map.of()))) {
      URI at = URI.create("http://127.0.0.1:" + server.port());
      await().atMost(PATIENCE).until(() -> get(at, "/v2/models/small/ready").statusCode() == 200);
      HttpResponse<String> answer =
          infer(
              at,
              "small",
              """
              {"id": "7", "inputs": [
                {"name": "x", "datatype": "FP32", "shape": [2, 3], "data": [1, -2, 3, -4, 5, -6]}]}
              """);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      JsonNode json = new ObjectMapper().readTree(answer.body());
      assertThat(json.path("model_version").asText()).isEqualTo("2");
      assertThat(json.at("/outputs/0/name").asText()).isEqualTo("y");
      assertThat(json.at("/outputs/0/shape")).hasToString("[2,3]");
      assertThat(json.at("/outputs/0/data")).hasToString("[1.0,0.0,3.0,0.0,5.0,0.0]");
      assertThat(get(at, "/v2/models/small").body())
          .contains("\"platform\":\"nagare_onnx\"", "\"shape\":[-1,3]");

      URI metrics = URI.create("http://127.0.0.1:" + server.metricsPort());
      assertThat(get(metrics, "/metrics").body())
          .contains("nagare_batch_rows_count{model=\"small\"} 1");

      HttpResponse<String> wrong =
          infer(
              at,
              "small",
              "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"INT64\", \"shape\": [1, 3],"
                  + " \"data\": [1, 2, 3]}]}");
      assertThat(wrong.statusCode()).isEqualTo(400);
      assertThat(wrong.body()).contains("input x: expected FP32 [N, 3], got INT64 [1, 3]");

      await()
          .atMost(PATIENCE)
          .until(() -> get(at, "/v2/models/damaged").body().contains("could not be loaded"));
      assertThat(get(at, "/v2/models/damaged/ready").statusCode()).isEqualTo(503);
      assertThat(get(at, "/v2/health/ready").statusCode()).isEqualTo(503);
      assertThat(get(at, "/v2/models/small/lineage").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void modelsAreLoadedAndUnloadedWhileOthersAnswer() throws Exception {
    Path models = folder.resolve("models");
    SmallModel.write(models.resolve("small/2/model.onnx"));
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        "server: {port: 0, metrics-port: 0}\ndata: \"%s\"\nrepository: \"%s\"\n"
            .formatted(folder.resolve("data"), models));
    try (Server server = Server.start(NagareConfig.read(config, Map.of()))) {
      URI at = URI.create("http://127.0.0.1:" + server.port());
      await().atMost(PATIENCE).until(() -> get(at, "/v2/models/small/ready").statusCode() == 200);
      SmallModel.write(models.resolve("small/10/model.onnx"));
      SmallModel.write(models.resolve("later/1/model.onnx"));
      Files.createDirectories(models.resolve("empty"));
      assertThat(states(at, ""))
          .containsExactly(
              "empty null UNAVAILABLE",
              "later 1 UNAVAILABLE",
              "small 2 READY",
              "small 10 UNAVAILABLE");

      assertThat(post(at, "/v2/repository/models/small/load", "").body()).isEqualTo("{}");
      assertThat(post(at, "/v2/repository/models/later/load", "{}").statusCode()).isEqualTo(200);
      assertThat(infer(at, "small", ONE_ROW).body()).contains("\"model_version\":\"10\"");
      assertThat(infer(at, "later", ONE_ROW).statusCode()).isEqualTo(200);
      await()
          .atMost(PATIENCE)
          .until(() -> states(at, "").contains("small 2 UNAVAILABLE")); // once it is freed
      assertThat(states(at, "{\"ready\": true}"))
          .containsExactly("later 1 READY", "small 10 READY");
      assertThat(get(at, "/v2/models/later/stats").body()).contains("\"inference_count\":1");

      String unload = "{\"parameters\": {\"unload_dependents\": true}}";
      assertThat(post(at, "/v2/repository/models/small/unload", unload).statusCode())
          .isEqualTo(200);
      assertThat(infer(at, "small", ONE_ROW).statusCode()).isEqualTo(404);
      assertThat(get(at, "/v2/models/small/ready").statusCode()).isEqualTo(404);
      assertThat(get(at, "/v2/health/ready").statusCode()).isEqualTo(200);
      assertThat(post(at, "/v2/repository/models/small/load", "").statusCode()).isEqualTo(200);
      assertThat(infer(at, "small", ONE_ROW).statusCode()).isEqualTo(200);

      Path other = Files.writeString(folder.resolve("other"), "not what it says");
      Files.move(other, models.resolve("later/1/model.onnx"), StandardCopyOption.REPLACE_EXISTING);
      HttpResponse<String> damaged = post(at, "/v2/repository/models/later/load", "");
      assertThat(damaged.statusCode()).isEqualTo(400);
      assertThat(damaged.body()).contains("{\"error\":", "could not be loaded");
      assertThat(infer(at, "later", ONE_ROW).statusCode()).as("the old one").isEqualTo(200);
      assertThat(post(at, "/v2/repository/models/empty/load", "").statusCode()).isEqualTo(400);
      assertThat(post(at, "/v2/repository/models/none/load", "").statusCode()).isEqualTo(404);
      assertThat(post(at, "/v2/repository/models/none/unload", "").statusCode()).isEqualTo(404);
      assertThat(post(at, "/v2/repository/models/small/load", "[").statusCode()).isEqualTo(400);
      String sent = "{\"parameters\": {\"file:1/model.onnx\": \"AAAA\"}}";
      assertThat(post(at, "/v2/repository/models/small/load", sent).statusCode()).isEqualTo(501);
    }
  }

  @Test
  void severalVersionsAnswerAndOneOfThemIsTriedScoredAndPromoted() throws Exception {
    Instant began = Instant.now().truncatedTo(ChronoUnit.SECONDS); // as the report says it
    Path models = folder.resolve("models");
    SmallModel.write(models.resolve("small/1/model.onnx"));
    SmallModel.write(models.resolve("small/2/model.onnx"));
    Path says = models.resolve("small/model.yaml");
    Files.writeString(says, "versions: all\ncanary: {version: 2, share: 0.25}\n");
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        "server: {port: 0, grpc-port: 0, metrics-port: 0}\ndata: \"%s\"\nrepository: \"%s\"\n"
            .formatted(folder.resolve("data"), models));
    try (Server server = Server.start(NagareConfig.read(config, Map.of()))) {
      URI at = URI.create("http://127.0.0.1:" + server.port());
      await().atMost(PATIENCE).until(() -> get(at, "/v2/models/small/ready").statusCode() == 200);
      assertThat(get(at, "/v2/models/small").body()).contains("\"versions\":[\"1\",\"2\"]");
      assertThat(get(at, "/v2/models/small/versions/1").statusCode()).isEqualTo(200);
      assertThat(get(at, "/v2/models/small/versions/2/ready").statusCode()).isEqualTo(200);
      assertThat(get(at, "/v2/models/small/versions/3/ready").body())
          .contains("does not serve version '3'; served: 1, 2");
      List<JsonNode> answers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        answers.add(new ObjectMapper().readTree(infer(at, "small", ONE_ROW).body()));
      }
      assertThat(answers.stream().map(answer -> answer.path("model_version").asText()))
          .containsExactly("1", "1", "1", "2", "1", "1", "1", "2");
      String named = post(at, "/v2/models/small/versions/2/infer", ONE_ROW).body();
      assertThat(named).contains("\"model_version\":\"2\"").doesNotContain("prediction_id");

      for (JsonNode answer : answers) { // x is [1, -2, 3], so that class 2 is the likeliest
        boolean canary = answer.path("model_version").asText().equals("2");
        String id = answer.at("/parameters/prediction_id").asText();
        String label = "{\"id\": \"" + id + "\", \"label\": " + (canary ? 2 : 0) + "}";
        assertThat(post(at, "/v2/models/small/labels", label).body())
            .contains("\"receipt\":\"version-" + (canary ? 2 : 1) + "\"");
      }
      JsonNode report = new ObjectMapper().readTree(get(at, "/v2/models/small/canary").body());
      assertThat(report.at("/share").doubleValue()).isEqualTo(0.25);
      assertThat(Instant.parse(report.at("/since").textValue())).isBetween(began, Instant.now());
      assertThat(report.at("/stable/requests").intValue()).isEqualTo(6);
      assertThat(report.at("/stable/accuracy").doubleValue()).isZero();
      assertThat(report.at("/canary/requests").intValue()).isEqualTo(2);
      assertThat(report.at("/canary/accuracy").doubleValue()).isEqualTo(1);
      URI metrics = URI.create("http://127.0.0.1:" + server.metricsPort());
      assertThat(get(metrics, "/metrics").body())
          .contains(
              "nagare_canary_requests_total{model=\"small\",outcome=\"answered\","
                  + "slot=\"canary\"} 2",
              "nagare_canary_labels_total{model=\"small\",outcome=\"wrong\",slot=\"stable\"} 6",
              "nagare_model_memory_bytes{model=\"small\"}");

      String canary = "/v2/repository/models/small/canary";
      assertThat(post(at, canary + "/promote", "").statusCode()).isEqualTo(200);
      assertThat(infer(at, "small", ONE_ROW).body()).contains("\"model_version\":\"2\"");
      assertThat(post(at, canary + "/abandon", "").statusCode()).isEqualTo(404);
      assertThat(post(at, canary, "{\"version\": \"1\", \"share\": 1}").body())
          .contains("\"canary\":{\"version\":\"1\"");
      assertThat(infer(at, "small", ONE_ROW).body()).contains("\"model_version\":\"1\"");
      assertThat(post(at, canary + "/abandon", "{}").statusCode()).isEqualTo(200);
      assertThat(infer(at, "small", ONE_ROW).body()).contains("\"model_version\":\"2\"");

      assertThat(post(at, canary, "{\"version\": 1, \"share\": 0}").body())
          .contains("share: expected a number above 0, at most 1, such as 0.1, got 0");
      assertThat(post(at, canary, "{\"version\": \"one\", \"share\": 1}").body())
          .contains("version: expected a whole number such as 3");
      assertThat(post(at, canary, "{\"version\": 7, \"share\": 1}").statusCode()).isEqualTo(404);

      Files.writeString(says, "memory-limit-bytes: 1\nversion: all\n");
      HttpResponse<String> refused = post(at, "/v2/repository/models/small/load", "");
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body()).contains("model.yaml:2: version: unknown; known here: versions");
      Files.writeString(says, "memory-limit-bytes: 1\n");
      SmallModel.write(models.resolve("small/3/model.onnx"));
      refused = post(at, "/v2/repository/models/small/load", "");
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body())
          .contains(
              "version 3 could not be loaded: memory: the weights of version 3 need 0 bytes; the"
                  + " versions of small hold ",
              " of at most 1 (memory-limit-bytes in its model.yaml; raise it");
      assertThat(infer(at, "small", ONE_ROW).body()).contains("\"model_version\":\"2\"");
      assertThat(get(metrics, "/metrics").body())
          .contains("nagare_failed_loads_total{model=\"small\",reason=\"memory\"} 1");
    }
  }

  @Test
  void aModelThatAFolderLeadsCannotBeChangedByCallsAndNoneCanBeCalledAnything() throws Exception {
    Path models = folder.resolve("models");
    SmallModel.write(models.resolve("small/1/model.onnx"));
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        """
        server: {port: 0, grpc-port: 0, metrics-port: 0}
        data: "%s"
        repository: {folder: "%s", control: poll}
        """
            .formatted(folder.resolve("data"), models));
    try (Server server = Server.start(NagareConfig.read(config, Map.of()))) {
      URI at = URI.create("http://127.0.0.1:" + server.port());
      await().atMost(PATIENCE).until(() -> get(at, "/v2/models/small/ready").statusCode() == 200);
      String canary = "/v2/repository/models/small/canary";
      assertThat(post(at, canary, "{\"version\": 2, \"share\": 0.5}").statusCode()).isEqualTo(501);
      assertThat(post(at, canary + "/promote", "").body()).contains("repository.control: poll");
      for (String path :
          List.of(
              "/v2/models/%2e%2e%2fsmall/infer",
              "/v2/models/Small/infer",
              "/v2/repository/models/small%2f..%2fsmall/load",
              "/v2/repository/models/.small/canary/abandon")) {
        HttpResponse<String> answer = post(at, path, ONE_ROW);
        assertThat(answer.statusCode()).as(path).isEqualTo(404);
        assertThat(answer.body())
            .as(path)
            .contains("expected 1 to 64 of a-z, 0-9, '.', '_' and '-'");
      }
    }
  }

  @Test
  void aVersionThatLosesTooMuchInBf16IsNotLoadedAndTheOldOneAnswersOn() throws Exception {
    String why = KernelProviders.best().kernels().prepared().whyNoBFloat16();
    Path models = folder.resolve("models");
    SmallModel.write(models.resolve("small/1/model.onnx"));
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        "server: {port: 0, grpc-port: 0, metrics-port: 0}\ndata: \"%s\"\nrepository: \"%s\"\n"
            .formatted(folder.resolve("data"), models));
    try (Server server = Server.start(NagareConfig.read(config, Map.of()))) {
      URI at = URI.create("http://127.0.0.1:" + server.port());
      await().atMost(PATIENCE).until(() -> get(at, "/v2/models/small/ready").statusCode() == 200);
      assertThat(get(at, "/v2/models/small/config").body())
          .contains("\"parameters\":{\"precision\":{\"string_value\":\"f32\"}}");

      Path says = models.resolve("small/model.yaml");
      RoundedModel.write(models.resolve("small/2/model.onnx"));
      Files.writeString(says, "precision: bf16\nleast-cosine: 1\n"); // nothing rounded has that
      HttpResponse<String> refused = post(at, "/v2/repository/models/small/load", "");
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body())
          .contains("model 'small' version 2 could not be loaded: ")
          .contains(
              why.isEmpty()
                  ? "expected of every output a cosine of at least 1.0 with f32, got y cosine 0.9"
                  : "no BF16 here: ");
      assertThat(infer(at, "small", ONE_ROW).body()).contains("\"model_version\":\"1\"");

      Files.writeString(says, "precision: half\n");
      HttpResponse<String> unread = post(at, "/v2/repository/models/small/load", "");
      assertThat(unread.statusCode()).isEqualTo(400);
      assertThat(unread.body())
          .contains("model.yaml:1: precision: expected f32 or bf16, got 'half'");
      assertThat(infer(at, "small", ONE_ROW).body()).contains("\"model_version\":\"1\"");

      assumeTrue(why.isEmpty(), "not here: " + why);
      Files.writeString(says, "precision: bf16\n");
      assertThat(post(at, "/v2/repository/models/small/load", "").statusCode()).isEqualTo(200);
      assertThat(infer(at, "small", ONE_ROW).body()).contains("\"model_version\":\"2\"");
      assertThat(get(at, "/v2/models/small/config").body())
          .contains("\"precision\":{\"string_value\":\"bf16\"}")
          .contains("\"accuracy\":{\"string_value\":\"y cosine ");
    }
  }

  @Test
  void aShadowIsComparedWithWhatCallersGetAndPromoted() throws Exception {
    Path models = folder.resolve("models");
    SmallModel.write(models.resolve("small/1/model.onnx"));
    SmallModel.write(models.resolve("small/2/model.onnx"));
    Files.writeString(models.resolve("small/model.yaml"), "shadow: {version: 2, share: 1}\n");
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        "server: {port: 0, grpc-port: 0, metrics-port: 0}\ndata: \"%s\"\nrepository: \"%s\"\n"
            .formatted(folder.resolve("data"), models));
    try (Server server = Server.start(NagareConfig.read(config, Map.of()))) {
      URI at = URI.create("http://127.0.0.1:" + server.port());
      await().atMost(PATIENCE).until(() -> get(at, "/v2/models/small/ready").statusCode() == 200);
      for (int i = 0; i < 4; i++) {
        assertThat(infer(at, "small", ONE_ROW).body()).contains("\"model_version\":\"1\"");
      }
      await()
          .atMost(PATIENCE)
          .until(() -> canary(at).at("/shadow/requests").intValue() == 4); // none is dropped here
      JsonNode report = canary(at);
      assertThat(report.at("/stable/version").asText()).isEqualTo("1");
      assertThat(report.at("/stable/requests").intValue()).isEqualTo(4);
      assertThat(report.has("canary")).isFalse();
      JsonNode shadow = report.path("shadow");
      assertThat(shadow.path("version").asText()).isEqualTo("2");
      assertThat(shadow.path("dropped").intValue()).isZero();
      assertThat(shadow.path("compared").intValue()).isEqualTo(4);
      assertThat(shadow.path("unlike").intValue()).isZero();
      assertThat(shadow.path("largest_difference").doubleValue()).isZero();
      assertThat(shadow.path("rows").intValue()).isEqualTo(4);
      assertThat(shadow.path("agreement").doubleValue()).isOne();
      URI metrics = URI.create("http://127.0.0.1:" + server.metricsPort());
      assertThat(get(metrics, "/metrics").body())
          .contains(
              "nagare_canary_requests_total{model=\"small\",outcome=\"answered\","
                  + "slot=\"shadow\"} 4",
              "nagare_shadow_rows_total{class=\"same\",model=\"small\"} 4");

      String canary = "/v2/repository/models/small/canary";
      assertThat(post(at, canary + "/promote", "").body())
          .contains("\"shadow\":{\"version\":\"2\"");
      assertThat(infer(at, "small", ONE_ROW).body()).contains("\"model_version\":\"2\"");
      assertThat(post(at, canary, "{\"version\": 1, \"share\": 0.5, \"shadow\": true}").body())
          .contains("\"shadow\":{\"version\":\"1\",\"requests\":0");
      assertThat(post(at, canary, "{\"version\": 1, \"share\": 0.5, \"shadow\": 1}").body())
          .contains("shadow: expected true or false, got 1");
    }
  }

  private JsonNode canary(URI at) throws IOException, InterruptedException {
    return new ObjectMapper().readTree(get(at, "/v2/models/small/canary").body());
  }

  @Test
  void whatWasAskedBeforeIsAnsweredFromTheCacheAndCounted() throws Exception {
    Path models = folder.resolve("models");
    SmallModel.write(models.resolve("small/1/model.onnx"));
    Files.writeString(models.resolve("small/model.yaml"), "cache-bytes: 1048576\n");
    SmallModel.write(models.resolve("plain/1/model.onnx"));
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        "server: {port: 0, grpc-port: 0, metrics-port: 0}\ndata: \"%s\"\nrepository: \"%s\"\n"
            .formatted(folder.resolve("data"), models));
    try (Server server = Server.start(NagareConfig.read(config, Map.of()))) {
      URI at = URI.create("http://127.0.0.1:" + server.port());
      await().atMost(PATIENCE).until(() -> get(at, "/v2/health/ready").statusCode() == 200);
      assertThat(infer(at, "small", ONE_ROW).body())
          .contains("\"data\":[1.0,0.0,3.0]")
          .doesNotContain("cached");
      String other = ONE_ROW.replace("{\"inputs\"", "{\"id\": \"other\", \"inputs\"");
      assertThat(infer(at, "small", other).body())
          .contains("\"id\":\"other\",\"parameters\":{\"cached\":true}", "[1.0,0.0,3.0]");
      assertThat(infer(at, "plain", ONE_ROW).body()).doesNotContain("cached");
      assertThat(infer(at, "plain", ONE_ROW).body()).doesNotContain("cached");

      assertThat(get(at, "/v2/models/small/config").body())
          .contains("\"response_cache\":{\"enable\":true}");
      assertThat(get(at, "/v2/models/plain/config").body())
          .contains("\"response_cache\":{\"enable\":false}");
      JsonNode stats = new ObjectMapper().readTree(get(at, "/v2/models/small/stats").body());
      JsonNode all = stats.at("/model_stats/0/inference_stats");
      assertThat(all.at("/success/count").intValue()).isEqualTo(2);
      assertThat(all.at("/cache_hit/count").intValue()).isOne();
      assertThat(all.at("/cache_miss/count").intValue()).isOne();
      assertThat(all.at("/cache_hit/ns").longValue()).isPositive();
      assertThat(all.at("/queue/count").intValue()).as("the other one did not wait").isOne();
      URI metrics = URI.create("http://127.0.0.1:" + server.metricsPort());
      assertThat(get(metrics, "/metrics").body())
          .contains(
              "nagare_cache_requests_total{model=\"small\",outcome=\"hit\"} 1",
              "nagare_cache_requests_total{model=\"small\",outcome=\"miss\"} 1",
              "nagare_cache_requests_total{model=\"plain\",outcome=\"miss\"} 0",
              "nagare_model_memory_bytes{model=\"small\"}");
    }
  }

  private List<String> states(URI at, String body) throws IOException, InterruptedException {
    List<String> states = new ArrayList<>();
    new ObjectMapper()
        .readTree(post(at, "/v2/repository/index", body).body())
        .forEach(
            entry ->
                states.add(
                    entry.path("name").asText()
                        + " "
                        + entry.path("version").asText("null")
                        + " "
                        + entry.path("state").asText()));
    return states;
  }

  private HttpResponse<String> get(URI at, String path) throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(at.resolve(path)).build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> infer(URI at, String model, String body)
      throws IOException, InterruptedException {
    return post(at, "/v2/models/" + model + "/infer", body);
  }

  private HttpResponse<String> post(URI at, String path, String body)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(at.resolve(path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
