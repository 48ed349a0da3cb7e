package dev.nagare.loadtest.drill;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code nagare drill kill}: a learner is killed again and again. */
@Command(
    name = "kill",
    mixinStandardHelpOptions = true,
    description =
        "Kills a learner at every named point of its protocol and at random moments, and compares it"
            + " with learners that nobody disturbed.")
final class KillCommand implements Callable<Integer> {
  private static final int TIMES = 50;

  @Mixin private DrillArguments arguments = new DrillArguments(TIMES);

  @Option(
      names = "--sabotage",
      paramLabel = "MODE",
      defaultValue = "none",
      description =
          "Breaks a promise on purpose; the drill must then fail: skip-fsync, stale-offset, drop-rng,"
              + " double-apply, skip-moment.")
  private String sabotage = "none";

  @Spec private CommandSpec spec = CommandSpec.create();

  KillCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    DrillOptions options = arguments.options();
    PrintWriter out = spec.commandLine().getOut();
    Sabotage mode = mode();
    out.printf(
        "drill kill: %d times, seed %d, sabotage %s%n", options.times(), options.seed(), sabotage);
    return arguments.end(new KillDrill(options, mode, arguments.restartEvery(), out).run(), out);
  }

  private Sabotage mode() {
    List<Sabotage> modes = List.of(Sabotage.values());
    return modes.stream()
        .filter(mode -> mode.label().equals(sabotage))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.USAGE,
                    "drill: expected --sabotage to be one of "
                        + Arrays.toString(modes.stream().map(Sabotage::label).toArray())
                        + ", got "
                        + sabotage));
  }
}
