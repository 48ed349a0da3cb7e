package dev.nagare.loadtest.drill;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nagare drill labels}: a server that records and joins is killed again and again. */
@Command(
    name = "labels",
    mixinStandardHelpOptions = true,
    description =
        "Kills a server while it is asked and told what was right, and counts in the topics what"
            + " became of each request and each label.")
final class LabelsCommand implements Callable<Integer> {
  @Option(
      names = "--times",
      paramLabel = "N",
      defaultValue = "20",
      description = "Kills (default: ${DEFAULT-VALUE}).")
  private int times;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Of everything that is left to chance (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the findings as JSON.")
  private @Nullable Path json;

  @Spec private CommandSpec spec = CommandSpec.create();

  LabelsCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (times < 1) {
      throw new CommandException(
          ExitCode.USAGE, "drill: expected --times of 1 or more, got " + times);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf("drill labels: %d times, seed %d%n", times, seed);
    LabelsReport report = new LabelsDrill(new DrillOptions(times, seed), out).run();
    out.print(report.verdict());
    out.flush();
    if (json != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), report);
    }
    return report.good() ? ExitCode.OK : ExitCode.FAILURE;
  }
}
