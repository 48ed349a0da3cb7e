package dev.nagare.loadtest.process;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the product's programs are, and how they are started.
 *
 * @param home the built source tree
 */
public record Programs(Path home) {

  /**
   * The programs beside the one that runs.
   *
   * @throws CommandException with the remedy, if they are not built
   */
  public static Programs find() {
    Path home = Path.of(System.getProperty("nagare.home", "")).toAbsolutePath().normalize();
    var programs = new Programs(home);
    for (Path lib : List.of(programs.lib("streaming/broker"), programs.lib("server"))) {
      if (!Files.isDirectory(lib)) {
        throw new CommandException(
            ExitCode.MISSING, lib + " is missing: ./nagare bench builds it, mvn verify too");
      }
    }
    return programs;
  }

  private Path lib(String module) {
    return home.resolve(module).resolve("target/lib");
  }

  /** The embedded broker; says READY when it serves, ends with its parent. */
  public List<String> broker(int port, Path data) {
    List<String> command = java("streaming/broker", "broker.args");
    command.add("dev.nagare.broker.EmbeddedBroker");
    command.addAll(List.of("--port", Integer.toString(port), "--data", data.toString()));
    command.add("--exit-with-parent");
    return command;
  }

  /** The server as {@code nagare serve} starts it; ends with its parent. */
  public List<String> server(Path startUpFile) {
    List<String> command = java("server", "serve.args");
    command.addAll(List.of("dev.nagare.server.cli.Nagare", "serve"));
    command.addAll(List.of("--config", startUpFile.toString(), "--exit-with-parent"));
    return command;
  }

  private List<String> java(String module, String flags) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + home.resolve(module).resolve("src/main/jvm").resolve(flags));
    command.addAll(List.of("-cp", lib(module) + "/*"));
    return command;
  }

  /** A port that nobody listens on. */
  public static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
