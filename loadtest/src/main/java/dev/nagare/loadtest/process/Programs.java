package dev.nagare.loadtest.process;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.StartFlags;
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
   * @param modules whose programs will be started, such as {@code server}
   * @throws CommandException with the remedy, if they are not built
   */
  public static Programs find(String... modules) {
    Path home = Path.of(System.getProperty("nagare.home", "")).toAbsolutePath().normalize();
    var programs = new Programs(home);
    for (String module : modules) {
      Path lib = programs.lib(module);
      if (!Files.isDirectory(lib)) {
        throw new CommandException(
            ExitCode.MISSING, lib + " is missing: ./nagare builds it, mvn verify too");
      }
    }
    return programs;
  }

  private Path lib(String module) {
    return home.resolve(module).resolve("target/lib");
  }

  /** The embedded broker; says READY when it serves, ends with its parent. */
  public List<String> broker(int port, Path data) {
    List<String> command = java(StartFlags.broker(home).file(), List.of(), "streaming/broker");
    command.add("dev.nagare.broker.EmbeddedBroker");
    command.addAll(List.of("--port", Integer.toString(port), "--data", data.toString()));
    command.add("--exit-with-parent");
    return command;
  }

  /** The server as {@code nagare serve} starts it; ends with its parent. */
  public List<String> server(Path startUpFile) {
    List<String> command = java(StartFlags.serve(home).file(), List.of(), "server");
    command.addAll(List.of("dev.nagare.server.cli.Nagare", "serve"));
    command.addAll(List.of("--config", startUpFile.toString(), "--exit-with-parent"));
    return command;
  }

  /**
   * A JVM as the server has it, without its main class.
   *
   * @param module whose classes it has
   * @param options for the JVM besides the usual ones
   */
  public List<String> serving(String module, List<String> options) {
    return java(home.resolve("server/src/main/jvm/serve.args"), options, module);
  }

  private List<String> java(Path flags, List<String> options, String module) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + flags);
    command.addAll(options);
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
