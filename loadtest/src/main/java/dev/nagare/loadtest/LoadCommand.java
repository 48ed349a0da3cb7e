package dev.nagare.loadtest;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.loadtest.load.LoadPlan;
import dev.nagare.loadtest.load.LoadReport;
import dev.nagare.loadtest.load.OpenLoop;
import dev.nagare.loadtest.load.Target;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.NagareSubcommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code nagare load}: constant-rate HTTP load on a server of this machine.
 *
 * <p>Exit code 0 if every request was answered with 2xx, 1 if not, 2 for a wrong option. Lives
 * outside the load package, which knows no class of the server.
 */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    description = "Sends inference requests at a constant rate and shows the latencies.")
public final class LoadCommand implements NagareSubcommand {
  private static final int BAR = 40;

  @Option(
      names = "--url",
      defaultValue = "http://127.0.0.1:8000",
      description = "Server on this machine (default: ${DEFAULT-VALUE}).")
  private URI url = URI.create("http://127.0.0.1:8000");

  @Option(
      names = "--model",
      defaultValue = "pulse",
      description = "Name of the model (default: ${DEFAULT-VALUE}).")
  private String model = "pulse";

  @Option(
      names = "--rate",
      defaultValue = "100",
      description = "Requests per second (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--duration",
      defaultValue = "10",
      description = "Seconds (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "3",
      description =
          "Seconds of the same load before, which are not counted: cold compilers, here and there,"
              + " are another figure (default: ${DEFAULT-VALUE}).")
  private double warmUpSeconds;

  @Option(
      names = "--connections",
      defaultValue = "16",
      description = "Connections (default: ${DEFAULT-VALUE}).")
  private int connections;

  @Option(
      names = "--rows",
      defaultValue = "1",
      description = "Windows per request (default: ${DEFAULT-VALUE}).")
  private int rows;

  @Option(
      names = "--timeout",
      defaultValue = "10",
      description = "Seconds until a request counts as failed (default: ${DEFAULT-VALUE}).")
  private double timeoutSeconds;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the report as JSON.")
  private @Nullable Path json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    LoadPlan plan;
    Target target;
    try {
      plan =
          new LoadPlan(
              rate,
              duration(warmUpSeconds),
              duration(seconds),
              connections,
              duration(timeoutSeconds));
      target = Target.of(url, model, rows, plan.timeout());
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "load: " + e.getMessage(), e);
    }
    long all = plan.warmUpRequests() + plan.requests();
    LoadReport report = new OpenLoop(plan, target::request).run(taken -> bar(err, taken, all));
    err.println();
    out.print(report.table());
    out.flush();
    if (json != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), report);
    }
    return report.clean() ? ExitCode.OK : ExitCode.FAILURE;
  }

  private static Duration duration(double seconds) {
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }

  private static void bar(PrintWriter err, long taken, long all) {
    int filled = (int) (BAR * taken / all);
    err.printf(
        "\r[%s%s] %,d of %,d requests", "#".repeat(filled), " ".repeat(BAR - filled), taken, all);
    err.flush();
  }
}
