package dev.nagare.server;

import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.config.ConfigException;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.streaming.Role;
import dev.nagare.streaming.StreamingConfig;
import dev.nagare.tensor.kernel.KernelProviders;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nagare serve}: runs the server until it is told to stop. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = "Serve models, and learn from Kafka, until stopped.",
    footer = {
      "",
      "Every setting can be set by a variable: server.port by NAGARE_SERVER_PORT.",
      "Exit codes: 0 stopped when asked to, 1 cannot run here, 2 a setting must change, 75 another",
      "process took the model over from one with role: learner."
    })
public final class ServeCommand implements Callable<Integer> {

  @Option(names = "--config", paramLabel = "FILE", description = "The start-up file (YAML).")
  private @Nullable Path config;

  @Option(
      names = "--print-config",
      description = "Print each value and where it came from, and exit.")
  private boolean printConfig;

  @Option(
      names = "--exit-with-parent",
      description = "Stop when the process that started this one ends.")
  private boolean exitWithParent;

  @Spec private @Nullable CommandSpec spec;

  private volatile int outcome = ExitCode.OK;

  @Override
  public Integer call() throws InterruptedException {
    try {
      NagareConfig read = NagareConfig.read(config, System.getenv());
      if (printConfig) {
        PrintWriter out = commandLine().getOut();
        out.print(read.printed());
        out.flush();
        return 0;
      }
      Logging.use(read.logging().format());
      // Checking and opening the native library takes 0.3 s, which the doors and Kafka's clients
      // need meanwhile to load; whoever computes first waits for it, and hears of a failure.
      Thread.ofPlatform().daemon().name("nagare-kernels").start(KernelProviders::best);
      serve(read);
      return outcome;
    } catch (ConfigException e) {
      return failed(2, e);
    } catch (StartException e) {
      return failed(e.exitCode(), e);
    }
  }

  private void serve(NagareConfig read) throws InterruptedException {
    var stop = new CountDownLatch(1);
    if (exitWithParent) {
      // Before the start: a parent that ends meanwhile must not leave a server behind.
      Optional<ProcessHandle> parent = ProcessHandle.current().parent();
      if (parent.isEmpty()) {
        return;
      }
      var _ = parent.get().onExit().thenRun(stop::countDown);
    }
    try (Server server = Server.start(read)) {
      Thread onSignal = Thread.ofPlatform().name("nagare-drain").unstarted(() -> end(server));
      Runtime.getRuntime().addShutdownHook(onSignal);
      SecondSignal.endsAtOnce();
      if (isLearner(read)) {
        var _ = server.fenced().thenAccept(why -> fenced(why, stop));
      }
      stop.await();
    }
  }

  private static boolean isLearner(NagareConfig read) {
    StreamingConfig.Kafka kafka = read.streaming().kafka();
    return kafka != null && kafka.role() == Role.LEARNER;
  }

  /** A process that is nothing but a learner ends; whoever supervises it sees why. */
  private void fenced(String why, CountDownLatch stop) {
    outcome = ExitCode.FENCED;
    complain(why + "; this one, with kafka.role: learner, ends");
    stop.countDown();
  }

  // A signal ends the JVM with 143 or 130; a server that drained as asked has not failed.
  @SuppressWarnings("SystemExitOutsideMain")
  private void end(Server server) {
    server.close();
    List<String> unsaved = server.unsaved();
    unsaved.forEach(this::complain);
    int code = outcome;
    Runtime.getRuntime().halt(code == ExitCode.OK && !unsaved.isEmpty() ? ExitCode.FAILURE : code);
  }

  private int failed(int exitCode, RuntimeException failure) {
    complain(String.valueOf(failure.getMessage()));
    return exitCode;
  }

  private void complain(String sentence) {
    PrintWriter err = commandLine().getErr();
    err.println("nagare serve: " + sentence);
    err.flush();
  }

  private CommandLine commandLine() {
    return Objects.requireNonNull(spec, "set by picocli before call").commandLine();
  }
}
