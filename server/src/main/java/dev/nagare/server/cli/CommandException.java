package dev.nagare.server.cli;

import org.jspecify.annotations.Nullable;

/** A command that cannot go on: one line for a person, remedy included, and the exit code. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  /**
   * Creates a failure.
   *
   * @param exitCode one of {@link ExitCode}
   * @param message one line, with the remedy
   */
  public CommandException(int exitCode, String message) {
    this(exitCode, message, null);
  }

  /** The same, with the cause for {@code --debug}. */
  public CommandException(int exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** One of {@link ExitCode}. */
  public int exitCode() {
    return exitCode;
  }
}
