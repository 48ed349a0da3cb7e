package dev.nagare.server.models;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code nagare models}. */
@Command(
    name = "models",
    description = "Looks into models: of a running server, of a folder, of a file.",
    mixinStandardHelpOptions = true,
    subcommands = {LineageCommand.class, GraphCommand.class, AccuracyCommand.class})
public final class ModelsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  ModelsCommand() {}

  /** Without a subcommand: says which there are. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
