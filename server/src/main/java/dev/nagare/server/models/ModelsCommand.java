package dev.nagare.server.models;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code nagare models}. */
@Command(
    name = "models",
    description = "Looks into the models of a running server.",
    mixinStandardHelpOptions = true,
    subcommands = LineageCommand.class)
public final class ModelsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  ModelsCommand() {}

  /** Without a subcommand: says which there are. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
