package dev.nagare.loadtest.drill;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code nagare drill broker}: the broker is killed under a learner. */
@Command(
    name = "broker",
    mixinStandardHelpOptions = true,
    description =
        "Kills the broker in the middle of the stream and of transactions, and starts it again; the"
            + " learner is left to itself.")
final class BrokerCommand implements Callable<Integer> {
  private static final int TIMES = 8;

  @Mixin private DrillArguments arguments = new DrillArguments(TIMES);
  @Spec private CommandSpec spec = CommandSpec.create();

  BrokerCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    DrillOptions options = arguments.options();
    out.printf("drill broker: %d times, seed %d%n", options.times(), options.seed());
    return arguments.end(new BrokerDrill(options, arguments.restartEvery(), out).run(), out);
  }
}
