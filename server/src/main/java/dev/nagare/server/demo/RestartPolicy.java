package dev.nagare.server.demo;

import dev.nagare.server.cli.ExitCode;
import java.time.Duration;
import java.util.Optional;

/**
 * Whether a child that has ended is started again, and after which pause. A pure function of what
 * happened; not thread-safe.
 *
 * <p>Started again: what was killed by a signal, and what had worked before. Not started again:
 * what was told something wrong (exit code 2), what ended by itself before it ever worked, and what
 * has ended too often in a row.
 */
final class RestartPolicy {
  /** Restarts in a row before it gives up. */
  static final int LIMIT = 6;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

  /** A child that has run this long is well: what happens later is not "in a row". */
  private static final Duration WELL = Duration.ofMinutes(1);

  private int inARow;

  /**
   * Decides.
   *
   * @param exitCode 128 + signal if a signal ended it
   * @param worked whether it had ever worked
   * @param uptime how long it ran
   * @return pause before the restart; empty to give up
   */
  Optional<Duration> afterEnd(int exitCode, boolean worked, Duration uptime) {
    if (exitCode == ExitCode.USAGE) {
      return Optional.empty();
    }
    if (!worked && exitCode < 128) {
      return Optional.empty();
    }
    if (uptime.compareTo(WELL) >= 0) {
      inARow = 0;
    }
    return inARow == LIMIT
        ? Optional.empty()
        : Optional.of(FIRST_PAUSE.multipliedBy(1L << inARow++));
  }

  /** An exit code in words. */
  static String describe(int exitCode) {
    return switch (exitCode) {
      case 128 + 9 -> "was killed (SIGKILL)";
      case 128 + 15 -> "was stopped (SIGTERM)";
      case 128 + 11 -> "crashed (SIGSEGV)";
      case 128 + 6 -> "crashed (SIGABRT)";
      default -> "ended with exit code " + exitCode;
    };
  }
}
