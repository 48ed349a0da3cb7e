package dev.nagare.loadtest.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.loadtest.conformance.Outcome.Verdict;
import dev.nagare.loadtest.onnx.OnnxGraph;
import dev.nagare.server.Server;
import dev.nagare.server.config.NagareConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OurServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void modelsOfTheFolderAndModelsThatLearnKeepEveryRule() throws Exception {
    var graph = new OnnxGraph("pair");
    graph.input("x", "N", 3);
    graph.node("Relu", List.of("x"), "y");
    graph.node("Add", List.of("x", "y"), "z");
    graph.output("y", "N", 3);
    graph.output("z", "N", 3);
    Path file = folder.resolve("models/pair/1/model.onnx");
    Files.createDirectories(file.getParent());
    graph.write(file, 17);
    Path config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        """
        server: {port: 0, metrics-port: 0}
        data: "%s"
        repository: "%s"
        models: [{name: pulse, features: [a, b]}]
        """
            .formatted(folder.resolve("data"), folder.resolve("models")));
    try (Server server = Server.start(NagareConfig.read(config, Map.of()));
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      URI uri = URI.create("http://127.0.0.1:" + server.port());
      HttpRequest ready = HttpRequest.newBuilder(uri.resolve("/v2/health/ready")).build();
      await()
          .atMost(PATIENCE)
          .until(
              () -> client.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200);
      Report pair = Conformance.run(new Subject(client, uri, "pair", PATIENCE));
      assertThat(pair.outcomes())
          .as(pair.table())
          .allMatch(outcome -> outcome.verdict() == Verdict.PASSED);
      Report pulse = Conformance.run(new Subject(client, uri, "pulse", PATIENCE));
      assertThat(pulse.clean()).as(pulse.table()).isTrue();
    }
  }
}
