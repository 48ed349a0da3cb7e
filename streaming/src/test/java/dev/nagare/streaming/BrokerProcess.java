package dev.nagare.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real broker in a JVM of its own, to be stopped, killed and started again on one port. */
public final class BrokerProcess implements AutoCloseable {
  private final Path data;
  private int port;
  private Process process;

  /** Starts a broker on a free port; returns when it serves. */
  public BrokerProcess(Path data) throws IOException {
    this.data = data;
    this.process = start();
  }

  /** Such as {@code 127.0.0.1:9092}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** SIGKILL; returns when the process is gone. */
  public void kill() {
    end(process.destroyForcibly());
  }

  /** SIGTERM; returns when the process is gone. */
  public void stop() {
    process.destroy();
    end(process);
  }

  /** Starts it again with the same data on the same port; returns when it serves. */
  public void restart() throws IOException {
    process = start();
  }

  @Override
  public void close() {
    kill();
  }

  private Process start() throws IOException {
    String lib = System.getProperty("nagare.broker.lib", "");
    if (lib.isEmpty() || !Files.exists(Path.of(lib))) {
      throw new IllegalStateException(
          "no broker in '" + lib + "'; build it first: mvn package -pl streaming/broker");
    }
    Process started =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx96m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    lib + "/*",
                    "dev.nagare.broker.EmbeddedBroker",
                    "--port",
                    Integer.toString(port),
                    "--data",
                    data.toString(),
                    "--exit-with-parent"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var out = new BufferedReader(new InputStreamReader(started.getInputStream(), UTF_8));
    String line = out.readLine();
    if (line == null || !line.startsWith("READY 127.0.0.1:")) {
      started.destroyForcibly();
      throw new IllegalStateException("broker: expected READY on standard output, got " + line);
    }
    port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    return started;
  }

  private static void end(Process process) {
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("broker: still there after 30 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
