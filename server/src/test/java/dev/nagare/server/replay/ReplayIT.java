package dev.nagare.server.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.BrokerJvm;
import dev.nagare.server.Server;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.ServerClient;
import dev.nagare.server.config.NagareConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** From a CSV file to a learning model and back to a version, through a real broker and server. */
class ReplayIT {
  private static final int RECORDS = 600;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;
  private BrokerJvm broker;
  private Path config;
  private Path csv;

  @BeforeEach
  void startBroker() throws IOException {
    broker = BrokerJvm.start(folder.resolve("broker"));
    config = folder.resolve("nagare.yaml");
    Files.writeString(
        config,
        """
        server: {port: 0, grpc-port: 0, metrics-port: 0}
        data: %s
        kafka: {topics: create, instance: it, properties: {bootstrap.servers: "%s"}}
        models:
          - name: wave
            format: csv
            columns: [sine, saw]
            features: [sine, saw]
            checkpoint-interval-seconds: 1
            learner: {window: 8, hidden: 8, score-window: 100}
        """
            .formatted(folder.resolve("data"), broker.bootstrapServers()));
    csv = folder.resolve("wave.csv");
    var rows = new StringBuilder("when,sine,saw\n");
    for (int i = 0; i < RECORDS; i++) {
      rows.append("t").append(i).append(',').append(Math.sin(i / 5.0)).append(',');
      rows.append(i % 7).append('\n');
    }
    Files.writeString(csv, rows);
  }

  @AfterEach
  void stopBroker() {
    broker.close();
  }

  private record Result(int exitCode, String out, String err) {}

  @Test
  void aFileIsLearnedAndItsVersionRebuiltBitForBit() throws Exception {
    long offset;
    try (Server server = Server.start(NagareConfig.read(config, Map.of()));
        var client = new ServerClient("http://127.0.0.1:" + server.port())) {
      await()
          .atMost(PATIENCE)
          .until(() -> client.get("/v2/models/wave/status").path("learning").asBoolean());

      Result fed =
          replay(
              csv.toString(),
              "--config",
              config.toString(),
              "--model",
              "wave",
              "--url",
              "http://127.0.0.1:" + server.port());

      assertThat(fed.exitCode).as(fed.err).isZero();
      assertThat(fed.out)
          .contains(
              RECORDS + " records of", "in wave.requests up to offset", "windowed", "repeat-last");
      assertThat(client.get("/v2/models/wave/status").path("dead_letters").asLong()).isZero();
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  client
                          .get("/v2/models/wave/lineage")
                          .path("checkpoints")
                          .path(0)
                          .path("examples")
                          .asLong()
                      > 0);
      offset =
          client
              .get("/v2/models/wave/lineage")
              .path("checkpoints")
              .path(0)
              .path("next_offset")
              .asLong();
    }

    for (long to : List.of(offset, (long) RECORDS)) {
      Result rebuilt =
          replay(
              "--config",
              config.toString(),
              "--model",
              "wave",
              "--to-offset",
              Long.toString(to),
              "--json");

      assertThat(rebuilt.exitCode).as(rebuilt.err + rebuilt.out).isZero();
      JsonNode result = new ObjectMapper().readTree(rebuilt.out);
      assertThat(result.get("same").asBoolean()).isTrue();
      assertThat(result.get("to_offset").asLong()).isEqualTo(to);
      assertThat(result.get("state_hash").asText()).hasSize(64);
    }
    assertThat(replay("--config", config.toString(), "--model", "wave", "--to-offset", "1000000"))
        .satisfies(result -> assertThat(result.exitCode).isEqualTo(ExitCode.MISSING));
  }

  @Test
  void aTopicThatIsNotThereIsNamedWithTheCommandThatCreatesIt() {
    Result result = replay(csv.toString(), "--config", config.toString(), "--model", "wave");

    assertThat(result.exitCode).isEqualTo(ExitCode.MISSING);
    assertThat(result.err)
        .contains(
            "topic wave.requests is missing", "--create --topic wave.requests --partitions 1");
  }

  private static Result replay(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code =
        new CommandLine(new ReplayCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .setExecutionExceptionHandler(
                (failure, command, parsed) -> {
                  err.write(String.valueOf(failure.getMessage()));
                  return failure instanceof CommandException known
                      ? known.exitCode()
                      : ExitCode.FAILURE;
                })
            .execute(arguments);
    return new Result(code, out.toString(), err.toString());
  }
}
