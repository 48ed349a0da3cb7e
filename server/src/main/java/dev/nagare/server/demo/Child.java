package dev.nagare.server.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A running child process. What it prints goes to its log, line by line, and to a listener. Safe
 * for any thread.
 */
final class Child {
  private final Process process;
  private final Thread pump;
  private volatile String lastLine = "";

  private Child(Process process, ChildSpec spec, Consumer<String> lines) {
    this.process = process;
    this.pump =
        Thread.ofPlatform().daemon().name(spec.name() + "-log").start(() -> pump(spec, lines));
  }

  /**
   * Starts the process.
   *
   * @param lines told of each line it prints, on a thread of the child's own
   * @throws IOException if it cannot be started
   */
  static Child start(ChildSpec spec, Consumer<String> lines) throws IOException {
    var builder = new ProcessBuilder(spec.shielded());
    builder.directory(spec.folder().toFile()).redirectErrorStream(true);
    // The start-up file that the demo writes is what counts, not variables meant for another
    // server.
    builder
        .environment()
        .keySet()
        .removeIf(key -> key.matches("NAGARE_(DATA|(AUTH|COMPUTE|KAFKA|MODELS|SERVER|TLS)_.*)"));
    builder.environment().putAll(spec.environment());
    return new Child(builder.start(), spec, lines);
  }

  private void pump(ChildSpec spec, Consumer<String> lines) {
    try (BufferedReader in = process.inputReader(UTF_8)) {
      BufferedWriter log = log(spec, lines);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        remember(line);
        lines.accept(line);
        log = write(log, line, spec, lines);
      }
      if (log != null) {
        log.close();
      }
    } catch (IOException e) {
      lines.accept("ERROR output of the " + spec.name() + " is lost: " + e.getMessage());
    }
  }

  /** A full disk must not stop the child, which would wait for its output to be read. */
  private static @Nullable BufferedWriter log(ChildSpec spec, Consumer<String> lines) {
    try {
      return Files.newBufferedWriter(
          spec.log(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      lines.accept("ERROR cannot write " + spec.log() + ": " + e.getMessage());
      return null;
    }
  }

  private static @Nullable BufferedWriter write(
      @Nullable BufferedWriter log, String line, ChildSpec spec, Consumer<String> lines) {
    if (log == null) {
      return null;
    }
    try {
      log.write(line);
      log.newLine();
      log.flush();
      return log;
    } catch (IOException e) {
      lines.accept("ERROR cannot write " + spec.log() + " any more: " + e.getMessage());
      return null;
    }
  }

  long pid() {
    return process.pid();
  }

  /** The last line that it printed, with the indented ones below it. */
  String lastLine() {
    return lastLine;
  }

  private void remember(String line) {
    if (line.startsWith("  ")) {
      lastLine = lastLine + " " + line.strip();
    } else if (!line.isBlank() && !line.startsWith("\t")) { // a tab begins a stack frame
      lastLine = line;
    }
  }

  /**
   * Waits for the end.
   *
   * @return exit code; 128 + signal if a signal ended it
   */
  int waitFor() throws InterruptedException {
    int code = process.waitFor();
    pump.join(Duration.ofSeconds(1)); // the last line says why
    return code;
  }

  /**
   * Asks it to stop (SIGTERM), and ends it (SIGKILL) if it has not done so in time.
   *
   * @return whether it stopped by itself
   */
  boolean stop(Duration patience) throws InterruptedException {
    // Not Process.destroy, which closes our end of its output while it still writes its last lines.
    process.toHandle().destroy();
    if (process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      return true;
    }
    process.toHandle().destroyForcibly();
    process.waitFor();
    return false;
  }
}
