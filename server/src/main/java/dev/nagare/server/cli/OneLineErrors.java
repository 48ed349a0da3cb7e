package dev.nagare.server.cli;

import java.io.PrintWriter;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Failures as one line each; the stack trace only for those who ask for it. */
final class OneLineErrors implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final BooleanSupplier debug;

  OneLineErrors(BooleanSupplier debug) {
    this.debug = debug;
  }

  @Override
  public int handleExecutionException(
      Exception failure, CommandLine command, @Nullable ParseResult parsed) {
    PrintWriter err = command.getErr();
    err.println("nagare: " + oneLine(failure));
    if (debug.getAsBoolean()) {
      failure.printStackTrace(err);
    }
    return failure instanceof CommandException known ? known.exitCode() : ExitCode.FAILURE;
  }

  @Override
  public int handleParseException(ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    PrintWriter err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();
    err.println(name + ": " + oneLine(failure) + "; see " + name + " --help");
    UnmatchedArgumentException.printSuggestions(failure, err);
    if (debug.getAsBoolean()) {
      failure.printStackTrace(err);
    }
    return ExitCode.USAGE;
  }

  private static String oneLine(Throwable failure) {
    String message = failure.getMessage();
    String text =
        message == null || message.isBlank()
            ? failure.getClass().getSimpleName() + "; --debug shows where"
            : message;
    return text.strip().replaceAll(":\\s*\\R\\s*", ": ").replaceAll("\\s*\\R\\s*", "; ");
  }
}
