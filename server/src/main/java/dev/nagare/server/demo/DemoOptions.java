package dev.nagare.server.demo;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a demo is to do.
 *
 * @param home folder of the built product: where the broker's class path and the JVM flags are
 * @param port of the server
 * @param grpcPort of the server
 * @param metricsPort of the server
 * @param bootstrapServers of an existing cluster; null to start a broker
 * @param rehearsal whether to end with the first prediction and have the children write archives of
 *     their classes, with which the next ones start sooner
 */
record DemoOptions(
    Path home,
    int port,
    int grpcPort,
    int metricsPort,
    @Nullable String bootstrapServers,
    boolean rehearsal) {
  static final String HOST = "127.0.0.1";
  static final String MODEL = "pulse";
  static final String TOPIC = MODEL + ".requests";

  /** Fails, with the remedy, if a port is taken. */
  void requireFreePorts() {
    requireFree(port, "--port");
    requireFree(grpcPort, "--grpc-port");
    requireFree(metricsPort, "--metrics-port");
  }

  private static void requireFree(int port, String option) {
    if (!isFree(port)) {
      int other = port < 65_000 ? port + 100 : port - 100;
      throw new CommandException(
          ExitCode.USAGE,
          "port %d is taken, perhaps by another demo; stop what listens there, or choose another with %s %d"
              .formatted(port, option, other));
    }
  }

  /** Whether a server could listen on this port of the loopback address. */
  static boolean isFree(int port) {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral(HOST))) {
      return socket.getLocalPort();
    }
  }

  /** The models that came with the build; null if there are none. */
  @Nullable Path repository() {
    Path models = home.resolve("server/target/models");
    return Files.isDirectory(models) ? models : null;
  }

  ChildSpec broker(DemoFolder folder, int brokerPort) {
    var command = java("streaming/broker", "broker.args");
    command.addAll(
        List.of(
            "dev.nagare.broker.EmbeddedBroker",
            "--port",
            Integer.toString(brokerPort),
            "--data",
            folder.brokerData().toString(),
            "--exit-with-parent"));
    return new ChildSpec("broker", command, Map.of(), folder.path(), folder.log("broker"));
  }

  /** The server, whose console this token opens once. */
  ChildSpec server(DemoFolder folder, Path serveFile, String consoleToken) {
    var command = java("server", "serve.args");
    command.addAll(
        List.of(
            "dev.nagare.server.cli.Nagare",
            "serve",
            "--config",
            serveFile.toString(),
            "--exit-with-parent"));
    return new ChildSpec(
        "server",
        command,
        Map.of("NAGARE_AUTH_CONSOLE_TOKEN", consoleToken),
        folder.path(),
        folder.log("server"));
  }

  /** A JVM like this one, with a module's class path and flags. */
  private ArrayList<String> java(String module, String flags) {
    Path folder = home.resolve(module);
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + folder.resolve("src/main/jvm").resolve(flags));
    // An archive that does not fit the jars any more is passed over in silence.
    Path archive = folder.resolve("target/classes.jsa");
    if (rehearsal) {
      command.addAll(List.of("-XX:ArchiveClassesAtExit=" + archive, "-Xlog:cds=off"));
    } else if (Files.exists(archive)) {
      command.addAll(List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off"));
    }
    command.addAll(List.of("-cp", folder.resolve("target/lib") + "/*"));
    return command;
  }
}
