package dev.nagare.server.demo;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.StartFlags;
import java.io.IOException;
import java.io.UncheckedIOException;
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
 * @param rehearsal whether to end when all that is served has answered, and have the children write
 *     caches of their classes, with which the next ones start sooner
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
    var command = java(StartFlags.broker(home));
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
    var command = java(StartFlags.serve(home));
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
  private ArrayList<String> java(StartFlags flags) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + file(flags));
    command.addAll(List.of("-cp", flags.module().resolve("target/lib") + "/*"));
    return command;
  }

  private Path file(StartFlags flags) {
    try {
      return rehearsal ? flags.rehearsal() : flags.file();
    } catch (IOException e) {
      throw new UncheckedIOException("the JVM flags of " + flags.module(), e);
    }
  }

  /** To be called when the children have ended: makes the next starts quick. */
  void rehearsed() throws IOException {
    StartFlags.broker(home).rehearsed();
    StartFlags.serve(home).rehearsed();
  }
}
