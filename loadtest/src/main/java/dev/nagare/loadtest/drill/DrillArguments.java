package dev.nagare.loadtest.drill;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that all drills have, and how they end. */
final class DrillArguments {

  @Option(
      names = "--times",
      paramLabel = "N",
      description = "Faults that must count (default: ${DEFAULT-VALUE}).")
  private int times;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Of everything that is left to chance (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the findings as JSON.")
  private @Nullable Path json;

  @Option(
      names = "--restart-every",
      paramLabel = "STEPS",
      defaultValue = "50",
      description =
          "Steps between restarts of an undisturbed learner, 0 for none (default: ${DEFAULT-VALUE}).")
  private int restartEvery;

  DrillArguments(int times) {
    this.times = times;
  }

  DrillOptions options() {
    if (times < 1) {
      throw new CommandException(
          ExitCode.USAGE, "drill: expected --times of 1 or more, got " + times);
    }
    return new DrillOptions(times, seed);
  }

  int restartEvery() {
    if (restartEvery < 0) {
      throw new CommandException(
          ExitCode.USAGE, "drill: expected --restart-every of 0 or more, got " + restartEvery);
    }
    return restartEvery;
  }

  /** Prints the verdict, writes the report, and tells the exit code. */
  int end(DrillReport report, PrintWriter out) throws IOException {
    out.print(report.verdict());
    out.flush();
    if (json != null) {
      report.write(json);
    }
    return report.good() ? ExitCode.OK : ExitCode.FAILURE;
  }
}
