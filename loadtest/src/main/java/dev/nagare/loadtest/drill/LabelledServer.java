package dev.nagare.loadtest.drill;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.loadtest.process.ChildProcess;
import dev.nagare.loadtest.process.Programs;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The product's server as a user starts it, with a model that learns from labels of its
 * predictions: it is killed and started again on the same port. Lives and calls may be on different
 * threads.
 */
final class LabelledServer implements AutoCloseable {
  static final String MODEL = "drill";
  static final int WINDOW = 4;
  static final int FEATURES = 2;
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Stage stage;
  private final Path file;
  private final int port;
  private @Nullable ChildProcess process;

  /** An answer of the server. */
  record Answer(int status, JsonNode body) {}

  LabelledServer(Stage stage) throws IOException {
    this.stage = stage;
    this.port = Programs.freePort();
    this.file = stage.folder().resolve("labels.yaml");
    Files.writeString(
        file,
        """
        server: {host: 127.0.0.1, port: %d, metrics-port: 0}
        compute: {lanes: 1}
        data: %s
        kafka: {topics: create, instance: drill, properties: {bootstrap.servers: "%s"}}
        models:
          - name: %s
            features: [level, flow]
            task: classify
            capture: sync
            examples: joined
            checkpoint-interval-seconds: 1
            learner: {window: %d, hidden: 4, batch: 4, shards: 2}
        """
            .formatted(port, stage.folder().resolve("labels"), stage.bootstrap(), MODEL, WINDOW));
  }

  /** Starts a life; returns at once. */
  void start() throws IOException {
    process =
        ChildProcess.start(
            "server", stage.programs().server(file), stage.folder().resolve("labels.log"));
  }

  private ChildProcess process() {
    ChildProcess now = process;
    if (now == null) {
      throw new IllegalStateException("start comes first");
    }
    return now;
  }

  /** Waits until it learns and joins. */
  void awaitLearning() throws IOException, InterruptedException {
    process()
        .await(
            () -> {
              JsonNode status = status();
              return status.path("learning").asBoolean() && status.path("degraded").isNull();
            },
            LOOK,
            Life.PATIENCE,
            () -> "it does not learn: " + status());
  }

  /** SIGKILL after a while. */
  void killAfter(Duration pause) throws IOException, InterruptedException {
    if (process().ended(pause)) {
      throw process().failure("it ended by itself, with exit code " + process().exitCode());
    }
    process().kill();
  }

  /** SIGTERM, and an orderly end. */
  void stop() throws IOException, InterruptedException {
    process().stop(Life.PATIENCE);
  }

  private JsonNode status() {
    try {
      var ask = HttpRequest.newBuilder(uri("status")).timeout(ANSWER).build();
      return JSON.readTree(http.send(ask, BodyHandlers.ofString()).body());
    } catch (IOException e) {
      return JSON.missingNode(); // not there yet
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return JSON.missingNode();
    }
  }

  /**
   * Calls the server.
   *
   * @throws IOException if it did not answer: what became of the call is not known
   */
  Answer post(String path, String body) throws IOException, InterruptedException {
    var call =
        HttpRequest.newBuilder(uri(path))
            .timeout(ANSWER)
            .POST(BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(call, BodyHandlers.ofString());
    return new Answer(answer.statusCode(), JSON.readTree(answer.body()));
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + "/v2/models/" + MODEL + "/" + path);
  }

  @Override
  public void close() {
    ChildProcess now = process;
    if (now != null) {
      now.close();
    }
    http.close();
  }
}
