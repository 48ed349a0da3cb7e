package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.config.NagareConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sends what docs/pre-and-post-processing.md shows, and what docs/api.md shows of pictures and
 * texts, with the files {@code model.yaml} that stand there, and compares the answers.
 */
class ProcessingDocumentTest {
  private static final Pattern PAIR =
      Pattern.compile(
          "```http\\nPOST (\\S+)\\n(.*?)```\\n```json ?(\\d+)?\\n(.*?)\\n```", Pattern.DOTALL);
  private static final Pattern CURL =
      Pattern.compile(
          "\\$ curl -s (?:(-F image=@|--data-binary @)red\\.png )?localhost:8000(\\S+)"
              + "(?: -d '(.*)')?\\n(\\{.*})");
  private static final Pattern FILE = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);
  private static final byte[] RED = SeeingModels.plain("png", 8, 6, 0xff0000);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private URI at = URI.create("http://127.0.0.1");
  @TempDir private Path folder;

  @Test
  void everyAnswerOfTheDocumentsIsTheServersOwn() throws Exception {
    String page = Files.readString(Path.of("../docs/pre-and-post-processing.md"));
    String api = Files.readString(Path.of("../docs/api.md"));
    Path models = folder.resolve("models");
    Matcher files = FILE.matcher(page);
    Path colours = SeeingModels.colours(models.resolve("colours/1"));
    assertThat(files.find()).isTrue();
    Files.writeString(colours.resolve("model.yaml"), files.group(1));
    assertThat(files.find()).as("the one of ImageNet").isTrue();
    Path words = SeeingModels.words(models.resolve("words/1"));
    assertThat(files.find()).isTrue();
    Files.writeString(words.resolve("model.yaml"), files.group(1));
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        "server: {port: 0, grpc-port: 0, metrics-port: 0}\ndata: \"%s\"\nrepository: \"%s\"\n"
            .formatted(folder.resolve("data"), models));
    try (Server server = Server.start(NagareConfig.read(config, Map.of()))) {
      at = URI.create("http://127.0.0.1:" + server.port());
      HttpRequest ready = HttpRequest.newBuilder(at.resolve("/v2/health/ready")).build();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> http.send(ready, BodyHandlers.ofString()).statusCode() == 200);
      int pairs = 0;
      for (Matcher pair = PAIR.matcher(page); pair.find(); pairs++) {
        int status = pair.group(3) == null ? 200 : Integer.parseInt(pair.group(3));
        BodyPublisher body = BodyPublishers.ofString(pair.group(2).strip());
        check(pair.group(1), body, "application/json", status, pair.group(4));
      }
      for (Matcher call = CURL.matcher(page + api); call.find(); pairs++) {
        boolean form = "-F image=@".equals(call.group(1));
        BodyPublisher body =
            call.group(3) != null
                ? BodyPublishers.ofString(call.group(3))
                : BodyPublishers.ofByteArray(form ? SeeingModels.form("image", RED) : RED);
        String type =
            form ? "multipart/form-data; boundary=xyz" : "application/x-www-form-urlencoded";
        check(call.group(2), body, type, 200, call.group(4));
      }
      assertThat(pairs).isEqualTo(4 + 2 + 2);
    }
  }

  private void check(String path, BodyPublisher body, String type, int status, String said)
      throws Exception {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(at.resolve(path))
                .header("Content-Type", type)
                .POST(body)
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(JSON.readTree(answer.body())).as(path).isEqualTo(JSON.readTree(said));
  }
}
