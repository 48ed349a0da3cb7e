package dev.nagare.loadtest.drill;

import java.io.PrintWriter;

/** One line per event, each with a bar that says how far the drill is. Used by one thread. */
final class ProgressLine {
  private static final int WIDTH = 20;

  private final PrintWriter out;
  private final int all;

  ProgressLine(PrintWriter out, int all) {
    this.out = out;
    this.all = all;
  }

  void print(int done, String text) {
    int filled = Math.min(WIDTH, WIDTH * done / Math.max(1, all));
    out.printf(
        "[%s%s] %3d/%d  %s%n", "#".repeat(filled), "·".repeat(WIDTH - filled), done, all, text);
    out.flush();
  }
}
