package dev.nagare.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.Server;
import dev.nagare.server.config.NagareConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The demo's model of sentences behind a server, with the {@code model.yaml} that it comes with.
 */
class SentencesTest {
  private static final String TEXTS =
      """
      {"texts": ["How do I reset my password?", "I forgot my login credentials",
                 "The weather in Paris is sunny"], "compare": true}
      """;

  @TempDir private Path folder;

  private static void copy(String resource, Path to) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(SentencesTest.class.getResourceAsStream(resource), resource)) {
      Files.copy(in, to);
    }
  }

  /** The numbers are langchain4j's, with its own tokenizer and ONNX Runtime. */
  @Test
  void textsAreAsAlikeAsAnotherRuntimeSaysThatTheyAre() throws Exception {
    Path version = Files.createDirectories(folder.resolve("models/sentences/1"));
    copy("/all-minilm-l6-v2.onnx", version.resolve("model.onnx"));
    copy("/all-minilm-l6-v2-tokenizer.json", version.resolve("tokenizer.json"));
    Files.copy(
        Path.of("../server/src/main/models/sentences/1/model.yaml"), version.resolve("model.yaml"));
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        "server: {port: 0, grpc-port: 0, metrics-port: 0}\ndata: \"%s\"\nrepository: \"%s\"\n"
            .formatted(folder.resolve("data"), folder.resolve("models")));
    try (Server server = Server.start(NagareConfig.read(config, Map.of()));
        HttpClient http = HttpClient.newHttpClient()) {
      URI at = URI.create("http://127.0.0.1:" + server.port());
      HttpRequest ready = HttpRequest.newBuilder(at.resolve("/v2/models/sentences/ready")).build();
      await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> http.send(ready, BodyHandlers.ofString()).statusCode() == 200);
      HttpRequest embed =
          HttpRequest.newBuilder(at.resolve("/v2/models/sentences/embed"))
              .POST(BodyPublishers.ofString(TEXTS))
              .build();
      JsonNode answer =
          new ObjectMapper().readTree(http.send(embed, BodyHandlers.ofString()).body());
      assertThat(answer.at("/embeddings/0")).as(answer.toString()).hasSize(384);
      assertThat(answer.at("/embeddings/0/0").asDouble()).isEqualTo(0.0069030696, within(1e-4));
      assertThat(answer.at("/embeddings/0/1").asDouble()).isEqualTo(-0.06302343, within(1e-4));
      assertThat(answer.at("/similarities/0/1").asDouble()).isEqualTo(0.6776, within(1e-3));
      assertThat(answer.at("/similarities/0/2").asDouble()).isEqualTo(0.0009, within(1e-3));
    }
  }
}
