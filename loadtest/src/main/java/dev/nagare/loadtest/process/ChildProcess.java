package dev.nagare.loadtest.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A process of ours; what it prints goes to a file. Used by one thread. */
public final class ChildProcess implements AutoCloseable {
  private static final int TAIL_LINES = 12;
  private static final Duration THREADS_PATIENCE = Duration.ofSeconds(20);

  private final String name;
  private final Process process;
  private final Path log;
  private final long logStart;

  private ChildProcess(String name, Process process, Path log, long logStart) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.logStart = logStart;
  }

  /**
   * Starts a process.
   *
   * @param log receives what it prints, after what is there already
   */
  public static ChildProcess start(String name, List<String> command, Path log) throws IOException {
    long logStart = Files.exists(log) ? Files.size(log) : 0;
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    // The start-up file is what counts, not variables meant for another server.
    builder.environment().keySet().removeIf(key -> key.startsWith("NAGARE_"));
    return new ChildProcess(name, builder.start(), log, logStart);
  }

  /** What it has printed in this life. */
  public String output() throws IOException {
    byte[] all = Files.readAllBytes(log);
    int from = (int) Math.min(logStart, all.length);
    return new String(all, from, all.length - from, UTF_8);
  }

  /** Its id. */
  public long pid() {
    return process.pid();
  }

  /** Processor time that it has used. */
  public Duration cpuTime() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Waits for it to end; false if it has not after that long. */
  public boolean ended(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Something that is looked at until it holds. */
  @FunctionalInterface
  public interface Condition {
    /** Whether it holds now. */
    boolean holds() throws IOException, InterruptedException;
  }

  /**
   * Waits until a condition holds.
   *
   * @param look time between two looks
   * @param patience time after which it is given up
   * @param complaint what is wrong then
   * @throws ProcessException with the end of what it printed, if it is given up or the process ends
   */
  public void await(
      Condition condition, Duration look, Duration patience, Supplier<String> complaint)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    while (!condition.holds()) {
      if (ended(look)) {
        requireAlive();
      }
      if (System.nanoTime() - begun > patience.toNanos()) {
        throw failure(complaint.get() + " after " + patience.toSeconds() + " s");
      }
    }
  }

  /** Of a process that has ended. */
  public int exitCode() {
    return process.exitValue();
  }

  /**
   * Goes on if it lives.
   *
   * @throws ProcessException with the end of what it printed, if it has ended
   */
  public void requireAlive() throws IOException {
    if (!process.isAlive()) {
      throw failure("it ended with exit code " + exitCode());
    }
  }

  /** SIGKILL; returns when it is dead. */
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /**
   * SIGTERM; returns when it has ended by itself.
   *
   * @throws ProcessException if it has not, or not with exit code 0
   */
  public void stop(Duration patience) throws IOException, InterruptedException {
    process.destroy();
    if (!ended(patience)) {
      kill();
      throw failure("it runs on " + patience.toSeconds() + " s after SIGTERM");
    }
    if (exitCode() != 0) {
      throw failure("it ended with exit code " + exitCode() + " after SIGTERM");
    }
  }

  /** SIGSTOP: it stands still until {@link #resume}. */
  public void suspend() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT. */
  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    var kill = List.of("kill", "-" + signal, Long.toString(process.pid()));
    if (new ProcessBuilder(kill).inheritIO().start().waitFor() != 0) {
      throw failure("SIG" + signal + " could not be sent to process " + process.pid());
    }
  }

  /**
   * Writes down what its threads are at, if it is a JVM.
   *
   * @return the file, which stays
   */
  public Path threads() throws IOException, InterruptedException {
    Path file = Files.createTempFile("nagare-threads-" + name.replace(' ', '-') + "-", ".txt");
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process asked =
        new ProcessBuilder(jcmd, Long.toString(pid()), "Thread.print", "-l")
            .redirectErrorStream(true)
            .redirectOutput(file.toFile())
            .start();
    if (!asked.waitFor(THREADS_PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
      asked.destroyForcibly();
    }
    return file;
  }

  /** A failure of this process, with the end of what it printed. */
  public ProcessException failure(String what) throws IOException {
    List<String> lines = output().lines().toList();
    int from = Math.max(0, lines.size() - TAIL_LINES);
    String tail = String.join("\n  ", lines.subList(from, lines.size()));
    return new ProcessException(name + ": " + what + "; the end of " + log + ":\n  " + tail);
  }

  /** SIGKILL, if it still runs. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
