package dev.nagare.loadtest.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.NagareSubcommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  private static final Map<String, List<Duel>> SUITES = Map.of("train", List.of(LstmB1.DUEL));
  private static final int FEWEST_PAIRS = 30;

  @Parameters(paramLabel = "SUITE", description = "train, or all.")
  private String suite = "all";

  @Option(names = "--only", paramLabel = "NAME", description = "One figure of the suite.")
  private @Nullable String only;

  @Option(
      names = "--pairs",
      defaultValue = "40",
      description = "Pairs of blocks, 30 or more (default: ${DEFAULT-VALUE}).")
  private int pairs;

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes the figures as JSON.")
  private @Nullable Path json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<Duel> duels = chosen();
    if (pairs < FEWEST_PAIRS) {
      throw new CommandException(
          ExitCode.USAGE, "bench: expected --pairs of " + FEWEST_PAIRS + " or more, got " + pairs);
    }
    out.println(MachineFacts.line());
    List<BenchResult> results = new ArrayList<>();
    boolean failed = false;
    for (Duel duel : duels) {
      try {
        results.add(duel.run(pairs, (done, all) -> bar(err, duel.name(), done, all)));
        err.println();
        out.print(row(results.getLast()));
      } catch (IOException e) {
        err.println("nagare bench: " + e.getMessage());
        failed = true;
      }
    }
    out.flush();
    if (json != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), results);
    }
    return failed ? ExitCode.FAILURE : ExitCode.OK;
  }

  private List<Duel> chosen() {
    List<Duel> duels =
        SUITES.entrySet().stream()
            .filter(entry -> suite.equals("all") || suite.equals(entry.getKey()))
            .flatMap(entry -> entry.getValue().stream())
            .filter(duel -> only == null || duel.name().equals(only))
            .toList();
    if (duels.isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE,
          "bench: expected a suite of "
              + SUITES.keySet()
              + " or all, and one of its figures, got "
              + suite
              + (only == null ? "" : " and " + only));
    }
    return duels;
  }

  private static String row(BenchResult result) {
    return String.format(
        "%s%n  ours   %,10.1f us  (median)%n  peer   %,10.1f us  %s%n"
            + "  ratio  %,10.2f x   95 %% interval %.2f to %.2f%n  %s%n",
        result.name(),
        result.ours() * 1e6,
        result.peer() * 1e6,
        result.peer_name(),
        result.ratio(),
        result.low(),
        result.high(),
        result.note());
  }

  private static void bar(PrintWriter err, String name, int done, int all) {
    err.printf("\r%s  %d of %d pairs", name, done, all);
    err.flush();
  }
}
