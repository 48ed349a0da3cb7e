package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.ServerClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A learner whose model another process takes over without being asked to. */
class TakenOverIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void aProcessThatIsOnlyALearnerEndsWith75AndSaysWhy() throws Exception {
    try (var broker = BrokerJvm.start(folder.resolve("broker"))) {
      Process first = null;
      Process second = null;
      try {
        first = learner("first", broker);
        second = learner("second", broker);

        assertThat(first.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(first.exitValue()).isEqualTo(ExitCode.FENCED);
        assertThat(Files.readString(folder.resolve("first.log")))
            .contains("nagare serve: another process")
            .contains("this one, with kafka.role: learner, ends");
        assertThat(second.isAlive()).isTrue();
      } finally {
        end(first);
        end(second);
      }
    }
  }

  /** A server with an instance name that is not its own; returns when it learns. */
  private Process learner(String name, BrokerJvm broker) throws IOException {
    int port = freePort();
    Path config = folder.resolve(name + ".yaml");
    Files.writeString(
        config,
        """
        server: {port: %d, grpc-port: 0, metrics-port: 0}
        data: %s
        kafka: {topics: create, role: learner, instance: both, properties: {bootstrap.servers: "%s"}}
        models: [{name: wave, features: [sine], learner: {window: 4, hidden: 4}}]
        """
            .formatted(port, folder.resolve(name), broker.bootstrapServers()));
    Path log = folder.resolve(name + ".log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("src/main/jvm/serve.args"),
                "-cp",
                Path.of("target/lib") + "/*",
                "dev.nagare.server.cli.Nagare",
                "serve",
                "--config",
                config.toString(),
                "--exit-with-parent")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try (var client = new ServerClient("http://127.0.0.1:" + port)) {
      await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> client.get("/v2/models/wave/status").path("learning").asBoolean());
    }
    return process;
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void end(@Nullable Process process) {
    if (process != null) {
      process.destroyForcibly().onExit().join();
    }
  }
}
