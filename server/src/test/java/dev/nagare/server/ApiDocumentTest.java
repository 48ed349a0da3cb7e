package dev.nagare.server;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sends what docs/api.md shows, in its order, and compares the answers with what it says. */
class ApiDocumentTest {
  private static final Pattern PAIR =
      Pattern.compile(
          "```http\\n(GET|POST) (\\S+)\\n(.*?)```\\n```json ?(like|\\d+)?\\n(.*?)\\n```",
          Pattern.DOTALL);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @Test
  void everyAnswerOfTheDocumentIsTheServersOwn() throws Exception {
    SmallModel.write(folder.resolve("models/small/1/model.onnx"));
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        "server: {port: 0, metrics-port: 0}\ndata: \"%s\"\nrepository: \"%s\"\n"
            .formatted(folder.resolve("data"), folder.resolve("models")));
    String document = Files.readString(Path.of("../docs/api.md"));
    try (Server server = Server.start(NagareConfig.read(config, Map.of()));
        HttpClient client = HttpClient.newHttpClient()) {
      URI at = URI.create("http://127.0.0.1:" + server.port());
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> send(client, at, "GET", "/v2/models/small/ready", "").statusCode() == 200);
      int pairs = 0;
      for (Matcher pair = PAIR.matcher(document); pair.find(); pairs++) {
        HttpResponse<String> answer =
            send(client, at, pair.group(1), pair.group(2), pair.group(3).strip());
        String mark = pair.group(4);
        boolean like = "like".equals(mark);
        assertThat(answer.statusCode())
            .as(pair.group())
            .isEqualTo(mark == null || like ? 200 : Integer.parseInt(mark));
        JsonNode said = JSON.readTree(pair.group(5));
        JsonNode got = JSON.readTree(answer.body());
        if (like) {
          assertThat(members(got)).as(answer.body()).isEqualTo(members(said));
        } else {
          assertThat(got).as(pair.group(2)).isEqualTo(said);
        }
      }
      assertThat(pairs).isGreaterThan(10);
    }
  }

  @Test
  void theLengthOfTheJsonInTheExampleWithBytesIsRight() throws Exception {
    Matcher example =
        Pattern.compile("printf '(\\{.*?\\})\\\\x.*?Content-Length: (\\d+)'", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("../docs/api.md")));
    assertThat(example.find()).isTrue();
    assertThat(Integer.parseInt(example.group(2)))
        .isEqualTo(example.group(1).getBytes(StandardCharsets.UTF_8).length);
  }

  private static List<String> members(JsonNode json) {
    List<String> names = new ArrayList<>();
    json.properties()
        .forEach(
            member -> {
              names.add(member.getKey());
              names.addAll(members(member.getValue()));
            });
    if (json.isArray() && !json.isEmpty()) {
      names.addAll(members(json.get(0)));
    }
    return names;
  }

  private static HttpResponse<String> send(
      HttpClient client, URI at, String method, String path, String body) throws Exception {
    var request =
        HttpRequest.newBuilder(at.resolve(path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
