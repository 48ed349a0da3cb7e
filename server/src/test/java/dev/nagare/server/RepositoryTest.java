package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.config.NagareConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
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
