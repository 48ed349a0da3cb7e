package dev.nagare.loadtest.drill;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code nagare drill zombie}: a learner stands still, is replaced, and wakes up. */
@Command(
    name = "zombie",
    mixinStandardHelpOptions = true,
    description =
        "Stops a learner (SIGSTOP) until another one has taken over, and lets it wake up: it must"
            + " write nothing more, and go on answering, or end with exit code 75 if it only learns.")
final class ZombieCommand implements Callable<Integer> {
  private static final int TIMES = 4;

  @Mixin private DrillArguments arguments = new DrillArguments(TIMES);
  @Spec private CommandSpec spec = CommandSpec.create();

  ZombieCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    DrillOptions options = arguments.options();
    out.printf("drill zombie: %d times, seed %d%n", options.times(), options.seed());
    return arguments.end(new ZombieDrill(options, arguments.restartEvery(), out).run(), out);
  }
}
