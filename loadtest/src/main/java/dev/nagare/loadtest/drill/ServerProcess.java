package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.process.ChildProcess;
import dev.nagare.loadtest.process.Programs;
import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineConfig.Training;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;

/**
 * The product's server as a user starts it, with a learner of the drill's model. For one thread.
 */
final class ServerProcess implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final String QUESTION =
      "{\"inputs\":[{\"name\":\"window\",\"shape\":[1,%d,%d],\"datatype\":\"FP32\",\"data\":[%s]}]}"
          .formatted(
              DrillModel.WINDOW,
              DrillModel.FEATURES.size(),
              String.join(
                  ",", Collections.nCopies(DrillModel.WINDOW * DrillModel.FEATURES.size(), "20")));

  private final HttpClient http = HttpClient.newHttpClient();
  private final String role;
  private final int port;
  private final int metricsPort;
  private final ChildProcess process;

  private ServerProcess(String role, int port, int metricsPort, ChildProcess process) {
    this.role = role;
    this.port = port;
    this.metricsPort = metricsPort;
    this.process = process;
  }

  /**
   * Starts a server.
   *
   * @param instance its name in the group
   * @param role {@code all} or {@code learner}
   */
  static ServerProcess start(Stage stage, String instance, String role) throws IOException {
    int port = Programs.freePort();
    int metricsPort = Programs.freePort();
    Path file = stage.folder().resolve(instance + ".yaml");
    Files.writeString(file, startUpFile(stage, instance, role, port, metricsPort));
    var process =
        ChildProcess.start(
            "server " + instance,
            stage.programs().server(file),
            stage.folder().resolve(instance + ".log"));
    return new ServerProcess(role, port, metricsPort, process);
  }

  private static String startUpFile(
      Stage stage, String instance, String role, int port, int metricsPort) {
    return String.format(
            Locale.ROOT,
            """
            server: {host: 127.0.0.1, port: %d, grpc-port: 0, metrics-port: %d}
            compute: {lanes: 1}
            data: %s
            kafka:
              topics: create
              role: %s
              instance: %s
              properties: {bootstrap.servers: "%s"}
            """,
            port,
            metricsPort,
            stage.folder().resolve(instance),
            role,
            instance,
            stage.bootstrap())
        + model();
  }

  /** {@link DrillModel#CONFIG} as a user would write it. */
  private static String model() {
    OnlineConfig config = DrillModel.CONFIG;
    Training training = config.training();
    return String.format(
        Locale.ROOT,
        """
        models:
          - name: %s
            features: [%s]
            checkpoint-interval-seconds: 1
            learner:
              window: %d
              hidden: %d
              dropout: %s
              huber-delta: %s
              batch: %d
              shards: %d
              learning-rate: %s
              warm-up-steps: %d
              decay-steps: %d
              final-learning-rate: %s
              clip-norm: %s
              score-window: %d
              seed: %d
            guards: {snapshot-steps: %d, loss-deviations: %s, norm-jump: 0, worse-than-baseline: 0}
        """,
        Subject.DISTURBED.model(),
        String.join(", ", DrillModel.FEATURES),
        config.network().window(),
        config.network().hidden(),
        config.network().dropout(),
        DrillModel.HUBER_DELTA,
        training.batch(),
        training.shards(),
        training.learningRate(),
        training.warmUpSteps(),
        training.decaySteps(),
        training.finalLearningRate(),
        training.clipNorm(),
        config.scoreWindow(),
        config.seed(),
        config.guards().snapshotSteps(),
        config.guards().lossDeviations());
  }

  String role() {
    return role;
  }

  ChildProcess process() {
    return process;
  }

  /** Waits until it answers. */
  void awaitReady() throws IOException, InterruptedException {
    process.await(this::answers, LOOK, Life.PATIENCE, () -> "it is not ready");
  }

  /** Whether it answers a question about its model. */
  boolean answers() throws InterruptedException {
    var ask =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:"
                        + port
                        + "/v2/models/"
                        + Subject.DISTURBED.model()
                        + "/infer"))
            .timeout(ANSWER)
            .POST(HttpRequest.BodyPublishers.ofString(QUESTION))
            .build();
    try {
      return http.send(ask, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // not there yet, or no longer: the caller knows which
    }
  }

  /** How often its learner was replaced without being asked. */
  double fenced() throws IOException, InterruptedException {
    var ask =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + "/metrics"))
            .timeout(ANSWER)
            .build();
    String metrics = http.send(ask, HttpResponse.BodyHandlers.ofString()).body();
    return metrics
        .lines()
        .filter(line -> line.startsWith("nagare_fenced_total{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Override
  public void close() {
    process.close();
    http.close();
  }
}
