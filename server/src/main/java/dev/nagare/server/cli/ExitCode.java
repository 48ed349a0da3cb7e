package dev.nagare.server.cli;

/** What the exit code of every command means. */
public final class ExitCode {
  /** All went well. */
  public static final int OK = 0;

  /** It failed; the line on standard error says why. */
  public static final int FAILURE = 1;

  /** Command line, start-up file, port or data folder: fails again until one of them is changed. */
  public static final int USAGE = 2;

  /** This machine lacks something, such as a JDK 25. */
  public static final int MISSING = 3;

  /** Another process has taken over what this one was to do alone (EX_TEMPFAIL). */
  public static final int FENCED = 75;

  private ExitCode() {}
}
