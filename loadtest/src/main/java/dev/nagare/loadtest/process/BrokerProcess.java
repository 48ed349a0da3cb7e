package dev.nagare.loadtest.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** A real broker, that can be killed and started again. Used by one thread. */
public final class BrokerProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(20);

  private final List<String> command;
  private final Path folder;
  private final int port;
  private ChildProcess process;

  private BrokerProcess(List<String> command, Path folder, int port) throws IOException {
    this.command = command;
    this.folder = folder;
    this.port = port;
    this.process = launch();
  }

  /** Starts a broker with its data and its log in a folder; returns when it serves. */
  public static BrokerProcess start(Programs programs, Path folder)
      throws IOException, InterruptedException {
    return start(programs, folder, UnaryOperator.identity());
  }

  /**
   * Starts a broker; returns when it serves.
   *
   * @param placed the command as it is to be run, such as on a core of its own
   */
  public static BrokerProcess start(
      Programs programs, Path folder, UnaryOperator<List<String>> placed)
      throws IOException, InterruptedException {
    int port = Programs.freePort();
    List<String> command = placed.apply(programs.broker(port, folder.resolve("broker")));
    var broker = new BrokerProcess(command, folder, port);
    try {
      broker.awaitReady();
      return broker;
    } catch (IOException | InterruptedException e) {
      broker.close();
      throw e;
    }
  }

  private ChildProcess launch() throws IOException {
    return ChildProcess.start("broker", command, folder.resolve("broker.log"));
  }

  private void awaitReady() throws IOException, InterruptedException {
    process.await(
        () -> process.output().contains("READY "), LOOK, PATIENCE, () -> "it does not serve");
  }

  /** Where clients find it, such as {@code 127.0.0.1:9092}. */
  public String bootstrap() {
    return "127.0.0.1:" + port;
  }

  /** Where its logs are. */
  public Path logs() {
    return folder.resolve("broker").resolve("log");
  }

  /** SIGKILL. */
  public void kill() throws InterruptedException {
    process.kill();
  }

  /** Starts it again, with the logs that it left; returns when it serves. */
  public void restart() throws IOException, InterruptedException {
    process = launch();
    awaitReady();
  }

  @Override
  public void close() {
    process.close();
  }
}
