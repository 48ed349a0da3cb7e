package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.process.ChildProcess;
import dev.nagare.loadtest.process.Cores;
import dev.nagare.loadtest.process.Parts;
import dev.nagare.loadtest.process.Programs;
import dev.nagare.loadtest.process.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Servers on core 0, of which one at a time has work, and this process on core 1, with a temporary
 * folder that goes when all is done. Used by one thread.
 */
final class ServeStage implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SERVERS_CORE = 0;
  private static final int LOADS_CORE = 1;

  private final Programs programs;
  private final Parts parts;

  private ServeStage(Programs programs, Parts parts) {
    this.programs = programs;
    this.parts = parts;
  }

  /** Moves this process to its core until the stage is closed. */
  static ServeStage open() throws IOException, InterruptedException {
    if (!Cores.canPin()) {
      throw new IOException(
          "expected two processors and /usr/bin/taskset, to give server and load a core each");
    }
    Programs programs = Programs.find("server", "loadtest");
    Cores.moveTo(LOADS_CORE);
    Parts parts = Parts.inTemporaryFolder();
    parts.add(Cores::moveToAll);
    return new ServeStage(programs, parts);
  }

  /** The sentence encoder of the demo, which the build puts together. */
  ModelFolder sentences() throws IOException {
    Path built = programs.home().resolve("server/target/models");
    if (!Files.isDirectory(built.resolve("sentences"))) {
      throw new IOException(built + " holds no sentences: ./nagare builds it");
    }
    return new ModelFolder(built);
  }

  /** A folder for models, with nothing in it yet. */
  ModelFolder models(String name) throws IOException {
    return new ModelFolder(Files.createDirectories(parts.folder().resolve(name)));
  }

  /**
   * Starts a server as a user does and waits until it is ready.
   *
   * @param settings further lines of its start-up file; empty for none
   */
  Subject server(String name, ModelFolder models, String settings)
      throws IOException, InterruptedException {
    Subject subject = starting(name, models, settings, true);
    subject.server().awaitReady();
    return subject;
  }

  /**
   * Starts a server; it is not ready yet.
   *
   * @param oneCore whether it has one core and nothing else
   */
  Subject starting(String name, ModelFolder models, String settings, boolean oneCore)
      throws IOException {
    int port = Programs.freePort();
    int grpcPort = Programs.freePort();
    int metricsPort = Programs.freePort();
    Path file = parts.folder().resolve(name + ".yaml");
    Files.writeString(
        file,
        """
        server: {host: 127.0.0.1, port: %d, grpc-port: %d, metrics-port: %d}
        data: %s
        repository: %s
        %s
        """
            .formatted(
                port,
                grpcPort,
                metricsPort,
                parts.folder().resolve(name),
                models.folder(),
                settings));
    List<String> command = programs.server(file);
    ChildProcess process =
        ChildProcess.start(
            "server " + name,
            oneCore ? Cores.pinned(command, SERVERS_CORE) : Cores.onAll(command),
            parts.folder().resolve(name + ".log"));
    var server = new Server(process, port, metricsPort);
    parts.add(server);
    return new Subject(server, port, grpcPort, new ProcessClock(process.pid()));
  }

  /**
   * Starts a peer and waits until it serves: with the JVM flags of our server, and what Vert.x
   * offers for speed.
   *
   * @param main its main class, which is told the port first
   */
  Subject peer(Class<?> main, List<String> arguments) throws IOException, InterruptedException {
    int port = Programs.freePort();
    List<String> command =
        programs.serving(
            "loadtest",
            List.of(
                "-Dvertx.disableContextTimings=true", "-Dvertx.disableHttpHeadersValidation=true"));
    command.addAll(List.of(main.getName(), Integer.toString(port)));
    command.addAll(arguments);
    String name = main.getSimpleName() + "-" + port;
    ChildProcess process =
        ChildProcess.start(
            name, Cores.pinned(command, SERVERS_CORE), parts.folder().resolve(name + ".log"));
    var server = new Server(process, port, port);
    parts.add(server);
    process.await(
        () -> process.output().contains("READY "), LOOK, PATIENCE, () -> "it does not serve");
    return new Subject(server, port, port, new ProcessClock(process.pid()));
  }

  /** Ends all processes and removes the folder. */
  @Override
  public void close() throws IOException {
    parts.close();
  }
}
