package dev.nagare.server.cli;

/** What the exit code of every command means. */
public final class ExitCode {
  /** All went well. */
  public static final int OK = 0;

  /** It failed; the line on standard error says why. */
  public static final int FAILURE = 1;

  /** The command line was wrong. */
  public static final int USAGE = 2;

  /** Start-up file, port or data folder: starting again without a change fails in the same way. */
  public static final int CONFIGURATION = 3;

  /** This machine lacks something, such as a JDK 25. */
  public static final int MISSING = 4;

  private ExitCode() {}
}
