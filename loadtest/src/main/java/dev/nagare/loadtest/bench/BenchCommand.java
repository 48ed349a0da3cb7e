package dev.nagare.loadtest.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.loadtest.bench.infer.InferSuite;
import dev.nagare.loadtest.bench.learn.LearnSuite;
import dev.nagare.loadtest.bench.serve.ServeSuite;
import dev.nagare.loadtest.bench.train.TrainSuite;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.NagareSubcommand;
import dev.nagare.server.cli.ProgressBar;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code nagare bench}: figures against peers.
 *
 * <p>Exit code 0 if all figures were measured, 1 if one failed, 2 for a wrong argument.
 */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures against peers: each side in a JVM of its own, blocks in turn.")
public final class BenchCommand implements NagareSubcommand {
  private static final Map<String, List<Figure>> SUITES =
      new TreeMap<>(
          Map.of(
              "train",
              TrainSuite.FIGURES,
              "infer",
              InferSuite.FIGURES,
              "learn",
              LearnSuite.FIGURES,
              "serve",
              ServeSuite.FIGURES));
  private static final int FEWEST_PAIRS = 30;

  @Parameters(paramLabel = "SUITE", description = "infer, learn, serve, train, or all.")
  private String suite = "all";

  @Option(
      names = "--only",
      paramLabel = "NAME",
      description = "One figure of the suite, with those that the same run gives.")
  private @Nullable String only;

  @Option(
      names = "--pairs",
      defaultValue = "40",
      description = "Pairs of blocks, 30 or more (default: ${DEFAULT-VALUE}).")
  private int pairs;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder of data sets that are not ours to ship; a row without its data says so.")
  private @Nullable Path data;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the figures as JSON.")
  private @Nullable Path json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<Figure> figures = chosen();
    if (pairs < FEWEST_PAIRS) {
      throw new CommandException(
          ExitCode.USAGE, "bench: expected --pairs of " + FEWEST_PAIRS + " or more, got " + pairs);
    }
    if (data != null && !Files.isDirectory(data)) {
      throw new CommandException(ExitCode.USAGE, "bench: --data: " + data + " is no folder");
    }
    out.println(MachineFacts.line());
    out.flush();
    var bench = new Bench(pairs, data, new ProgressBar(err));
    List<BenchResult> results = new ArrayList<>();
    boolean failed = false;
    for (Figure figure : figures) {
      try {
        for (BenchResult result : figure.measure(bench)) {
          bench.bar().clear();
          results.add(result);
          out.print(BenchTable.block(result));
          out.flush();
        }
      } catch (IOException | RuntimeException e) {
        bench.bar().clear();
        err.println("nagare bench: " + figure.names().getFirst() + ": " + e.getMessage());
        failed = true;
      }
    }
    out.println();
    out.print(BenchTable.closing(results));
    out.flush();
    if (json != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), results);
    }
    return failed ? ExitCode.FAILURE : ExitCode.OK;
  }

  private List<Figure> chosen() {
    List<Figure> figures =
        SUITES.entrySet().stream()
            .filter(entry -> suite.equals("all") || suite.equals(entry.getKey()))
            .flatMap(entry -> entry.getValue().stream())
            .filter(figure -> only == null || figure.names().contains(only))
            .toList();
    if (figures.isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE,
          "bench: expected a suite of "
              + SUITES.keySet()
              + " or all, and one of its figures, got "
              + suite
              + (only == null ? "" : " and " + only));
    }
    return figures;
  }
}
