package dev.nagare.server.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole demo: parent, broker and server in JVMs of their own, as a person starts them. */
class DemoIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @TempDir Path temp;

  private final List<ProcessHandle> all = new ArrayList<>();
  private int port;
  private int grpcPort;
  private int metricsPort;

  @BeforeEach
  void freePorts() throws IOException {
    port = DemoOptions.freePort();
    grpcPort = DemoOptions.freePort();
    metricsPort = DemoOptions.freePort();
  }

  @AfterEach
  void leaveNothing() {
    all.forEach(ProcessHandle::destroyForcibly);
  }

  /** A demo that runs, and what it has printed so far. */
  private record Running(Process process, Path output) {
    String said() throws IOException {
      return Files.readString(output);
    }

    /** For the message of a test that fails. */
    private String serverLog() {
      Path log = output.resolveSibling("demo data").resolve("server.log");
      try {
        return Files.readString(log);
      } catch (IOException e) {
        return "no log of the server: " + e.getMessage();
      }
    }

    void awaitSaid(String text) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(said()).as(this::serverLog).contains(text));
    }
  }

  private Running demo(String name) throws IOException {
    Path root = Path.of("..").toAbsolutePath().normalize();
    assertThat(root.resolve("streaming/broker/target/lib")).isDirectory();
    Path output = temp.resolve(name + ".txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("src/main/jvm/tool.args"),
                "-Dnagare.home=" + root,
                "-cp",
                Path.of("target/lib") + "/*",
                "dev.nagare.server.cli.Nagare",
                "demo",
                "--port=" + port,
                "--grpc-port=" + grpcPort,
                "--metrics-port=" + metricsPort,
                "--data=" + temp.resolve("demo data"))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    all.add(process.toHandle());
    return new Running(process, output);
  }

  /** What the demo's second model answers to the ids of "hello world", or why it does not. */
  private String ids() throws IOException, InterruptedException {
    String input = "{\"name\": \"%s\", \"datatype\": \"INT64\", \"shape\": [1, 4], \"data\": [%s]}";
    String body =
        "{\"inputs\": [%s, %s, %s]}"
            .formatted(
                input.formatted("input_ids", "101, 7592, 2088, 102"),
                input.formatted("attention_mask", "1, 1, 1, 1"),
                input.formatted("token_type_ids", "0, 0, 0, 0"));
    return ask("infer", body);
  }

  private String ask(String verb, String body) throws IOException, InterruptedException {
    URI model = URI.create("http://127.0.0.1:" + port + "/v2/models/sentences/" + verb);
    var request = HttpRequest.newBuilder(model).POST(BodyPublishers.ofString(body)).build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, BodyHandlers.ofString()).body();
    }
  }

  private List<ProcessHandle> children(Running demo) {
    List<ProcessHandle> children = demo.process().children().toList();
    all.addAll(children);
    return children;
  }

  private static ProcessHandle child(List<ProcessHandle> children, String word) {
    return children.stream()
        .filter(child -> child.info().commandLine().orElse("").contains(word))
        .findFirst()
        .orElseThrow();
  }

  private static void awaitGone(List<ProcessHandle> processes) {
    await().atMost(PATIENCE).until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void predictsSurvivesKillsGoesOnAndLeavesNothing() throws Exception {
    Running first = demo("first");
    first.awaitSaid("first prediction after");
    assertThat(first.said())
        .contains("pulse starts afresh")
        .contains("http://127.0.0.1:" + port + "/")
        .contains("Kafka broker at 127.0.0.1:");
    List<ProcessHandle> children = children(first);
    assertThat(children).hasSize(2);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(ids()).contains("[1,4,384]"));
    String alike = "{\"texts\": [\"a cat sat\", \"a kitten sat\", \"tax law\"], \"compare\": true}";
    JsonNode answer = new ObjectMapper().readTree(ask("embed", alike));
    assertThat(answer.at("/embeddings/0")).as(answer.toString()).hasSize(384);
    assertThat(answer.at("/similarities/0/1").asDouble())
        .isGreaterThan(answer.at("/similarities/0/2").asDouble() + 0.3);

    Running second = demo("second");
    assertThat(second.process().waitFor()).isEqualTo(2);
    assertThat(second.said()).contains("port " + port + " is taken").contains("--port");

    child(children, "EmbeddedBroker").destroyForcibly();
    first.awaitSaid("the broker was killed (SIGKILL); started again");
    await()
        .atMost(PATIENCE)
        .until(() -> first.said().split("Kafka broker at", -1).length == 3); // twice

    child(children, " serve ").destroyForcibly();
    first.awaitSaid("the server was killed (SIGKILL); started again");
    await()
        .atMost(PATIENCE)
        .until(() -> first.said().split("server ready", -1).length == 3); // twice
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                ServerStatus.ask(metricsPort, DemoOptions.MODEL)
                    .filter(now -> now.learned() > 0)
                    .isPresent());
    children = children(first);

    long began = System.nanoTime();
    first.process().toHandle().destroy();
    assertThat(first.process().waitFor()).isEqualTo(128 + 15);
    System.out.printf("SIGTERM to end: %d ms%n", (System.nanoTime() - began) / 1_000_000);
    assertThat(children).noneMatch(ProcessHandle::isAlive);
    assertThat(first.said()).contains("stopped;").doesNotContain("did not stop in time");

    Running third = demo("third");
    third.awaitSaid("resumed pulse from checkpoint at step");
    third.awaitSaid("first prediction after");
    children = children(third);
    assertThat(children).hasSize(2);
    third.process().toHandle().destroyForcibly();
    assertThat(third.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
    awaitGone(children);
  }

  @Test
  void withoutItsBrokerItSaysWhatIsMissing() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Path.of("target/lib") + "/*",
                "dev.nagare.server.cli.Nagare",
                "demo")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isEqualTo(3);
    assertThat(said).contains("./nagare demo");
  }
}
