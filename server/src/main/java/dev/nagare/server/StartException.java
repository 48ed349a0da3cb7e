package dev.nagare.server;

/** A start that cannot succeed; the message is one line that names the remedy. */
public final class StartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  StartException(int exitCode, String message) {
    super(message, null, false, false);
    this.exitCode = exitCode;
  }

  /** What the process should exit with: 1, or 2 if a setting must change. */
  public int exitCode() {
    return exitCode;
  }
}
