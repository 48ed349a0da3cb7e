package dev.nagare.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.List;

/**
 * A real broker on a free port, in a JVM of its own.
 *
 * @param process of the broker
 * @param bootstrapServers such as {@code 127.0.0.1:9092}
 */
public record BrokerJvm(Process process, String bootstrapServers) implements AutoCloseable {
  private static final String READY = "READY ";

  /** Starts a broker; returns when it serves. */
  public static BrokerJvm start(Path data) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx96m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("nagare.broker.lib") + "/*",
                    "dev.nagare.broker.EmbeddedBroker",
                    "--port",
                    "0",
                    "--data",
                    data.toString(),
                    "--exit-with-parent"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    String line = out.readLine();
    if (line == null || !line.startsWith(READY)) {
      process.destroyForcibly();
      throw new IllegalStateException("broker: expected READY on standard output, got " + line);
    }
    return new BrokerJvm(process, line.substring(READY.length()));
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
