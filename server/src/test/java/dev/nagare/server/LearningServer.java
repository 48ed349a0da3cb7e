package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.config.NagareConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * A server beside a real broker, with two classifiers of rows of two numbers: {@code up} learns
 * from events, {@code late} from labels of what it has predicted, three rows at a time.
 */
public final class LearningServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Of callers by HTTP. */
  public final HttpClient http = HttpClient.newHttpClient();

  private final BrokerJvm broker;
  private final Server server;
  private final String first;

  private LearningServer(BrokerJvm broker, Server server, String first) {
    this.broker = broker;
    this.server = server;
    this.first = first;
  }

  /**
   * Starts them; returns when both models learn.
   *
   * @param folder of all that they write
   * @param callers who have tokens, see {@link Tokens#write}, the first with the scope {@code
   *     infer}; none if everybody may do everything
   */
  public static LearningServer start(Path folder, String... callers) throws Exception {
    String auth =
        callers.length == 0 ? "" : "auth: {tokens: '" + Tokens.write(folder, callers) + "'}\n";
    String first = callers.length == 0 ? "" : callers[0].substring(0, callers[0].indexOf(' '));
    BrokerJvm broker = BrokerJvm.start(folder.resolve("broker"));
    try {
      Path file = config(folder, auth, broker);
      var started =
          new LearningServer(broker, Server.start(NagareConfig.read(file, Map.of())), first);
      started.awaitLearning();
      return started;
    } catch (Exception e) {
      broker.close();
      throw e;
    }
  }

  private static Path config(Path folder, String auth, BrokerJvm broker) throws IOException {
    return Files.writeString(
        folder.resolve("nagare.yaml"),
        auth
            + """
            server: {port: 0, grpc-port: 0, metrics-port: 0}
            data: "%s"
            kafka: {topics: create, instance: one, properties: {bootstrap.servers: "%s"}}
            models:
              - name: up
                features: [price, demand]
                task: classify
                learner: {window: 3, hidden: 4, batch: 1}
              - name: late
                features: [price, demand]
                task: classify
                capture: sync
                examples: joined
                learner: {window: 3, hidden: 4, batch: 1}
            """
                .formatted(folder.resolve("data"), broker.bootstrapServers()));
  }

  private void awaitLearning() {
    try {
      await().atMost(PATIENCE).until(() -> learns("up") && learns("late"));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private boolean learns(String model) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(model(model, "status"));
    if (!first.isEmpty()) {
      request.header("Authorization", "Bearer " + Tokens.of(first));
    }
    String status = http.send(request.build(), BodyHandlers.ofString()).body();
    return status.contains("\"learning\":true") && status.contains("\"degraded\":null");
  }

  /** The port of HTTP and WebSocket. */
  public int port() {
    return server.port();
  }

  /** The port of gRPC. */
  public int grpcPort() {
    return server.grpcPort();
  }

  /** The address of a model's call by HTTP. */
  public URI model(String model, String call) {
    return URI.create("http://127.0.0.1:" + port() + "/v2/models/" + model + "/" + call);
  }

  /** Waits for a line of {@code /metrics} that tells what became of labels. */
  public void awaitLabels(String line) {
    var page = URI.create("http://127.0.0.1:" + server.metricsPort() + "/metrics");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString())
                            .body()
                            .lines()
                            .filter(each -> each.contains("labels_total")))
                    .contains(line));
  }

  @Override
  public void close() {
    http.close();
    server.close();
    broker.close();
  }
}
