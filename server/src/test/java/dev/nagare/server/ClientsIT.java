package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/clients against a real server and broker, with tokens. */
class ClientsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Path CLIENTS = Path.of("..", "docs", "clients");

  @TempDir static Path folder;
  private static LearningServer server;

  @BeforeAll
  static void start() throws Exception {
    server = LearningServer.start(folder, "client infer,learn");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static void learns(String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of("http://127.0.0.1:" + server.port(), "late"));
    var builder = new ProcessBuilder(words).directory(CLIENTS.toFile()).redirectErrorStream(true);
    builder.environment().put("NAGARE_TOKEN", Tokens.of("client"));
    Path output = folder.resolve("output");
    Process process = builder.redirectOutput(output.toFile()).start();
    boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    process.destroyForcibly();
    String said = Files.readString(output);
    assertThat(ended).as(said).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said)
        .contains("prediction_id")
        .contains("late.labels-0-")
        .containsPattern("version \\d+ became \\d+");
  }

  private static void assumeThere(String program) {
    boolean there =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    assumeTrue(there, "not here: " + program);
  }

  @Test
  void curlPredictsLabelsAndSeesTheVersionMove() throws Exception {
    assumeThere("curl");
    learns("sh", "predict-and-label.sh");
  }

  @Test
  void pythonPredictsLabelsAndSeesTheVersionMove() throws Exception {
    assumeThere("python3");
    learns("python3", "predict_and_label.py");
  }

  @Test
  void javaPredictsLabelsAndSeesTheVersionMove() throws Exception {
    learns(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "PredictAndLabel.java");
  }
}
