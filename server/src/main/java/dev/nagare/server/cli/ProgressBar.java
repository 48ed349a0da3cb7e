package dev.nagare.server.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** A line that fills up, for what takes more than a moment; nothing unless this is a terminal. */
public final class ProgressBar {
  private static final int WIDTH = 30;
  private static final long REDRAW_NANOS = 100_000_000;
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintWriter out;
  private final boolean terminal;
  private long drawnNanos = System.nanoTime() - REDRAW_NANOS;

  /**
   * Creates a bar.
   *
   * @param out standard error, so that results can be piped
   */
  public ProgressBar(PrintWriter out) {
    this(out, Boolean.getBoolean("nagare.terminal"));
  }

  ProgressBar(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /**
   * Shows how far it is, ten times a second at most.
   *
   * @param fraction done, from 0 to 1
   */
  public void show(double fraction, String what) {
    long now = System.nanoTime();
    if (terminal && now - drawnNanos >= REDRAW_NANOS) {
      drawnNanos = now;
      double done = Math.clamp(fraction, 0, 1);
      int full = (int) (done * WIDTH);
      out.printf(
          Locale.ROOT,
          "%s[%s%s] %3.0f %%  %s",
          ERASE_LINE,
          "#".repeat(full),
          "-".repeat(WIDTH - full),
          100 * done,
          what);
      out.flush();
    }
  }

  /** Takes the line away. */
  public void clear() {
    if (terminal) {
      out.print(ERASE_LINE);
      out.flush();
    }
  }
}
