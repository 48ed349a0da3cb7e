package dev.nagare.loadtest.drill;

import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.cli.NagareSubcommand;
import picocli.CommandLine.Command;

/** {@code nagare drill}: rehearsed faults with a verdict. */
@Command(
    name = "drill",
    mixinStandardHelpOptions = true,
    description = "Kills learners and brokers on purpose, and says whether anything was lost.",
    subcommands = {
      KillCommand.class,
      ZombieCommand.class,
      BrokerCommand.class,
      LabelsCommand.class
    },
    footer = {
      "",
      "Everything runs on this machine, in a temporary folder that stays if the verdict is bad.",
      "Exit codes: 0 every promise was kept, 1 one was not, 2 a wrong argument."
    })
public final class DrillCommand implements NagareSubcommand {

  /** Without a drill's name: says which there are. */
  @Override
  public Integer call() {
    throw new CommandException(
        ExitCode.USAGE, "drill: expected kill, zombie, broker or labels; see --help");
  }
}
