package dev.nagare.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The program as it runs, in a JVM of its own, with all that it prints. */
final class ServerJvm implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;
  private static final String ANSWERS_AT = "answers at ";

  private final Process process;
  private final Thread reader;

  /** What it has printed, standard output and error. */
  final List<String> lines = new CopyOnWriteArrayList<>();

  /** Starts {@code nagare serve} with a file. */
  ServerJvm(Path folder, String yaml, Map<String, String> environment) throws IOException {
    Path file = Files.writeString(folder.resolve("served.yaml"), yaml);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("nagare.jvm.flags").split(" ")));
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("dev.nagare.server.cli.Nagare", "serve", "--config", file.toString()));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.start();
    reader = new Thread(this::read);
    reader.start();
  }

  private void read() {
    try (var in = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      in.lines().forEach(lines::add);
    } catch (IOException e) {
      lines.add("cannot be read: " + e);
    }
  }

  /** Where it answers, once it does. */
  URI address() {
    Awaitility.await()
        .atMost(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .until(() -> !process.isAlive() || lines.stream().anyMatch(l -> l.contains(ANSWERS_AT)));
    String line =
        lines.stream()
            .filter(l -> l.contains(ANSWERS_AT))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("it did not start: " + lines));
    int at = line.indexOf(ANSWERS_AT) + ANSWERS_AT.length();
    return URI.create(line.substring(at, line.indexOf(',', at)));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** SIGTERM; {@link Process#destroy} would close the stream before the last lines are read. */
  void terminate() {
    process.toHandle().destroy();
  }

  /** The exit code of a process that ends by itself, after its last line. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("it runs on: " + lines);
    }
    reader.join();
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
