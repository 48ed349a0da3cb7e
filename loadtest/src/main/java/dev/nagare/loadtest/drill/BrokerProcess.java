package dev.nagare.loadtest.drill;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** The broker of a drill: a real one, that can be killed and started again. Used by one thread. */
final class BrokerProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(20);

  private final Programs programs;
  private final Path folder;
  private final int port;
  private ChildProcess process;

  private BrokerProcess(Programs programs, Path folder, int port) throws IOException {
    this.programs = programs;
    this.folder = folder;
    this.port = port;
    this.process = launch();
  }

  /** Starts a broker; returns when it serves. */
  static BrokerProcess start(Programs programs, Path folder)
      throws IOException, InterruptedException {
    var broker = new BrokerProcess(programs, folder, Programs.freePort());
    broker.awaitReady();
    return broker;
  }

  private ChildProcess launch() throws IOException {
    return ChildProcess.start(
        "broker", programs.broker(port, folder.resolve("broker")), folder.resolve("broker.log"));
  }

  private void awaitReady() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    while (!process.output().contains("READY ")) {
      if (process.ended(LOOK)) {
        throw process.failure("it ended with exit code " + process.exitCode());
      }
      if (System.nanoTime() - begun > PATIENCE.toNanos()) {
        throw process.failure("it does not serve after " + PATIENCE.toSeconds() + " s");
      }
    }
  }

  String bootstrap() {
    return "127.0.0.1:" + port;
  }

  /** Where its logs are. */
  Path logs() {
    return folder.resolve("broker").resolve("log");
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    process.kill();
  }

  /** Starts it again, with the logs that it left; returns when it serves. */
  void restart() throws IOException, InterruptedException {
    process = launch();
    awaitReady();
  }

  @Override
  public void close() {
    process.close();
  }
}
