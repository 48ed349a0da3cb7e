package dev.nagare.loadtest.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;

/** A broker and a server that learns model {@code pulse} from rows of {@link #FEATURES} values. */
final class Stack implements AutoCloseable {
  static final List<String> FEATURES = List.of("load", "temperature", "requests");
  static final int WINDOW = 32;
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final ObjectMapper JSON = new ObjectMapper();

  final HttpClient http = HttpClient.newHttpClient();
  final int port = freePort();
  final int metricsPort = freePort();
  final int brokerPort = freePort();
  private final Path folder;
  private final ChildJvm broker;
  private ChildJvm server;

  Stack(Path folder) throws IOException {
    this.folder = folder;
    Files.writeString(
        folder.resolve("nagare.yaml"),
        """
        server: {host: 127.0.0.1, port: %d, grpc-port: 0, metrics-port: %d}
        data: %s
        kafka: {topics: create, properties: {bootstrap.servers: "127.0.0.1:%d"}}
        models:
          - name: pulse
            features: [%s]
            checkpoint-interval-seconds: 1
        """
            .formatted(
                port,
                metricsPort,
                folder.resolve("server"),
                brokerPort,
                String.join(", ", FEATURES)));
    broker =
        ChildJvm.start(
            Path.of(System.getProperty("nagare.broker.lib")),
            "dev.nagare.broker.EmbeddedBroker",
            folder.resolve("broker.log"),
            List.of(
                "--port",
                Integer.toString(brokerPort),
                "--data",
                folder.resolve("broker").toString(),
                "--exit-with-parent"));
    server = startServer();
    awaitReady();
  }

  private ChildJvm startServer() throws IOException {
    return ChildJvm.start(
        Path.of(System.getProperty("nagare.server.lib")),
        "dev.nagare.server.cli.Nagare",
        folder.resolve("server.log"),
        List.of(
            "serve", "--config", folder.resolve("nagare.yaml").toString(), "--exit-with-parent"));
  }

  /**
   * Kills the server and starts it again; returns what the new one has printed by the time it is
   * ready.
   */
  String killAndRestartServer() throws IOException, InterruptedException {
    server.kill();
    int before = server.output().length();
    server = startServer();
    awaitReady();
    return server.output().substring(before);
  }

  int stopServer() throws InterruptedException {
    return server.stop();
  }

  /** Ready, and reading from Kafka. */
  private void awaitReady() {
    Awaitility.await("server ready at port " + port)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .ignoreExceptions()
        .until(
            () -> {
              if (!server.isAlive()) {
                throw new AssertionError("server ended: " + server.output());
              }
              var answer = get("/v2/health/ready");
              return answer.statusCode() == 200 && !answer.body().contains("\"degraded\":\"");
            });
  }

  /** A producer whose records arrive in order from the first one on, also on a new topic. */
  KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            "127.0.0.1:" + brokerPort,
            "max.in.flight.requests.per.connection",
            "1"),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> infer(String body) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(uri("/v2/models/pulse/infer"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  String metrics() throws IOException, InterruptedException {
    var uri = URI.create("http://127.0.0.1:" + metricsPort + "/metrics");
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  static JsonNode json(String text) throws IOException {
    return JSON.readTree(text);
  }

  /** The log of the server so far, of all its lives. */
  String serverLog() throws IOException {
    return server.output();
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.close();
    broker.close();
    http.close();
  }
}
