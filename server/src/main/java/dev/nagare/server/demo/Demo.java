package dev.nagare.server.demo;

import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.demo.telemetry.HostTelemetry;
import dev.nagare.server.demo.telemetry.RowJson;
import dev.nagare.server.demo.telemetry.Sampler;
import dev.nagare.server.security.Access;
import dev.nagare.streaming.kafka.RowProducer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A broker and a server as child processes, and the sampler that feeds them.
 *
 * <p>Everything starts at once: the server does not wait for the broker, and rows are read from the
 * first moment and sent when the broker is there, so that the model's window is full early.
 */
final class Demo implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(100);
  private static final int BUFFER_ROWS = 36_000; // an hour
  private static final Duration SERVER_PATIENCE =
      Duration.ofSeconds(3); // it drains and checkpoints
  private static final Duration REHEARSAL_PATIENCE = Duration.ofSeconds(60);
  private static final double REHEARSAL_SECONDS = 120;
  private static final Duration BROKER_PATIENCE = Duration.ofSeconds(1);
  private static final int SHOWN_PROBLEMS = 20;

  /** The server's log tells with this what it goes on from. */
  private static final String STATE = " Tenure: ";

  private final DemoOptions options;
  private final DemoFolder folder;
  private final Progress progress;
  private final RowProducer rows = new RowProducer(DemoOptions.TOPIC, BUFFER_ROWS);
  private final Sampler sampler;
  private final String consoleToken = Access.newToken();
  private final String bootstrapServers;
  private final @Nullable Supervisor broker;
  private final Supervisor server;
  private final BlockingQueue<Integer> end = new ArrayBlockingQueue<>(2); // one per child
  private int shownProblems; // guarded by this
  private boolean connected; // guarded by this
  private volatile boolean answered;
  private final Object stop = new Object();
  private boolean stopped; // guarded by stop

  Demo(DemoOptions options, DemoFolder folder, Progress progress) throws IOException {
    this.options = options;
    this.folder = folder;
    this.progress = progress;
    String existing = options.bootstrapServers();
    if (existing == null) {
      int port = DemoOptions.freePort();
      bootstrapServers = DemoOptions.HOST + ":" + port;
      broker = new Supervisor(options.broker(folder, port), new Watch());
    } else {
      bootstrapServers = existing;
      broker = null;
    }
    HostTelemetry telemetry = HostTelemetry.open();
    sampler = new Sampler(telemetry, PERIOD, (time, row) -> rows.offer(time, RowJson.encode(row)));
    var serveFile =
        new ServeFile(
            options.port(),
            options.grpcPort(),
            options.metricsPort(),
            folder.serverData(),
            bootstrapServers,
            telemetry.features(),
            options.rehearsal()
                ? folder.rehearsalModels(options.repository())
                : options.repository());
    Path file = folder.writeServeFile(serveFile.yaml());
    server = new Supervisor(options.server(folder, file, consoleToken), new Watch());
    progress.step("reading %s, 10 rows a second".formatted(String.join(" ", telemetry.features())));
    telemetry.gaps().forEach(progress::step);
  }

  /**
   * Runs until a child cannot be kept running.
   *
   * @return the exit code
   */
  int run() throws InterruptedException {
    if (broker != null) {
      broker.start();
    }
    server.start();
    sampler.start();
    if (broker == null) {
      connect();
    }
    String lastProblem = "";
    boolean predicted = false;
    while (true) {
      Integer code = end.poll(predicted ? 1000 : 200, TimeUnit.MILLISECONDS);
      if (code != null) {
        return code;
      }
      Optional<ServerStatus> status = ServerStatus.ask(options.metricsPort(), DemoOptions.MODEL);
      if (!answered && status.filter(ServerStatus::ready).isPresent()) {
        answered = true;
        server.works();
        progress.step("server ready");
      }
      if (!predicted && status.filter(now -> now.learned() > 0).isPresent()) {
        predicted = true;
        progress.step("first prediction after %.1f s".formatted(progress.seconds()));
        if (!options.rehearsal()) {
          sayWhereToLook();
        }
      }
      if (options.rehearsal() && progress.seconds() > REHEARSAL_SECONDS) {
        progress.step("not everything is ready: see server.log");
        return ExitCode.FAILURE;
      }
      if (predicted && options.rehearsal() && ServerStatus.allReady(options.port())) {
        return ExitCode.OK;
      }
      if (predicted && status.filter(ServerStatus::ready).isPresent()) {
        progress.status(status.get(), rows.waiting(), rows.dropped());
      }
      String problem = rows.problem().or(() -> Optional.ofNullable(sampler.problem())).orElse("");
      if (!problem.equals(lastProblem)) {
        progress.step(problem.isEmpty() ? "rows flow again" : problem);
        lastProblem = problem;
      }
    }
  }

  private void sayWhereToLook() {
    progress.line("");
    progress.line(
        "  http://%s:%d/?token=%s    Ctrl-C stops"
            .formatted(DemoOptions.HOST, options.port(), consoleToken));
    progress.line("");
  }

  private synchronized void connect() {
    if (!connected) {
      connected = true;
      rows.connect(Map.of("bootstrap.servers", bootstrapServers));
    }
  }

  /** Stops everything, in order, within 4.5 s. A second call does nothing. */
  @Override
  public void close() {
    synchronized (stop) { // a second caller waits: the JVM ends when it returns
      if (!stopped) {
        stopped = true;
        stopAll();
      }
    }
  }

  private void stopAll() {
    try {
      sampler.close();
      rows.close();
      if (!server.stop(patience(SERVER_PATIENCE))) {
        progress.step(
            "the server did not stop in time and was killed; it goes on from its last checkpoint");
      }
      if (broker != null && !broker.stop(patience(BROKER_PATIENCE))) {
        progress.step("the broker did not stop in time and was killed");
      }
      progress.step("stopped; " + folder.path() + " is kept for the next demo");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** To write a cache takes seconds. */
  private Duration patience(Duration usual) {
    return options.rehearsal() ? usual.plus(REHEARSAL_PATIENCE) : usual;
  }

  /** What the children do, said in lines. */
  private final class Watch implements Supervisor.Listener {
    @Override
    public void line(String name, String line) {
      if (line.startsWith("READY ") && broker != null && name.equals("broker")) {
        progress.step("Kafka broker at " + bootstrapServers);
        broker.works();
        connect();
      } else if (line.contains(STATE)) {
        progress.step(line.substring(line.indexOf(STATE) + STATE.length()));
      } else if (line.contains("ERROR") && showOneMore()) {
        progress.step(name + ": " + line.strip());
      }
    }

    private boolean showOneMore() {
      synchronized (Demo.this) {
        if (++shownProblems == SHOWN_PROBLEMS) {
          progress.step("more problems are in the logs in " + folder.path());
        }
        return shownProblems < SHOWN_PROBLEMS;
      }
    }

    @Override
    public void restarting(String name, String why, Duration pause) {
      answered &= !name.equals("server");
      progress.step(
          "the %s %s; started again in %.1f s".formatted(name, why, pause.toMillis() / 1e3));
    }

    @Override
    public void gaveUp(String name, int exitCode, String why) {
      progress.step("the %s %s (log: %s)".formatted(name, why, folder.log(name)));
      int code = exitCode == ExitCode.USAGE ? exitCode : ExitCode.FAILURE;
      if (!end.offer(code)) {
        throw new IllegalStateException("a child ended twice: " + name);
      }
    }
  }
}
