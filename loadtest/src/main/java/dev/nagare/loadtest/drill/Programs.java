package dev.nagare.loadtest.drill;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the programs of a drill are, and how they are started.
 *
 * @param home the built source tree
 */
record Programs(Path home) {

  /**
   * The programs beside the one that runs.
   *
   * @throws CommandException if they are not built
   */
  static Programs find() {
    Path home = Path.of(System.getProperty("nagare.home", "")).toAbsolutePath().normalize();
    var programs = new Programs(home);
    for (Path lib : List.of(programs.brokerLib(), programs.ownLib())) {
      if (!Files.isDirectory(lib)) {
        throw new CommandException(
            ExitCode.MISSING, "drill: " + lib + " is missing; ./nagare drill builds it");
      }
    }
    return programs;
  }

  private Path brokerLib() {
    return home.resolve("streaming/broker/target/lib");
  }

  private Path ownLib() {
    return home.resolve("loadtest/target/lib");
  }

  List<String> broker(int port, Path data) {
    List<String> command = java();
    command.add("@" + home.resolve("streaming/broker/src/main/jvm/broker.args"));
    command.addAll(List.of("-cp", brokerLib() + "/*", "dev.nagare.broker.EmbeddedBroker"));
    command.addAll(List.of("--port", Integer.toString(port), "--data", data.toString()));
    command.add("--exit-with-parent");
    return command;
  }

  /**
   * A learner.
   *
   * @param archive of its classes, for a quick start; need not exist
   */
  List<String> learner(Path spec, Path archive) {
    List<String> command = java();
    command.add("@" + home.resolve("server/src/main/jvm/serve.args"));
    if (Files.exists(archive)) {
      command.addAll(List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off"));
    }
    return ending(command, RehearsedServer.class.getName(), spec.toString());
  }

  /** A learner that writes down which classes it loads, when it ends in order. */
  List<String> learnerThatArchives(Path spec, Path archive) {
    List<String> command = java();
    command.add("@" + home.resolve("server/src/main/jvm/serve.args"));
    command.add("-XX:ArchiveClassesAtExit=" + archive);
    command.add("-Xlog:cds=off");
    return ending(command, RehearsedServer.class.getName(), spec.toString());
  }

  /** The product itself. */
  List<String> server(Path startUpFile) {
    List<String> command = java();
    command.add("@" + home.resolve("server/src/main/jvm/serve.args"));
    return ending(
        command,
        "dev.nagare.server.cli.Nagare",
        "serve",
        "--config",
        startUpFile.toString(),
        "--exit-with-parent");
  }

  private List<String> ending(List<String> command, String... arguments) {
    command.addAll(List.of("-cp", ownLib() + "/*"));
    command.addAll(List.of(arguments));
    return command;
  }

  private static List<String> java() {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    return command;
  }

  /** A port that nobody listens on. */
  static int freePort() throws IOException {
    try (var socket = new java.net.ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
